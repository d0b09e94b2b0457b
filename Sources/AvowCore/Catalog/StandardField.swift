/// A context field whose type, unit, spellings and probe are built in.
public enum StandardField: String, Sendable, Hashable, CaseIterable {
  case appVersion = "app_version"
  case osName = "os_name"
  case osVersion = "os_version"
  case osRelease = "os_release"
  case architecture
  case processor
  case cores
  case memory
  case runtimeVersion = "runtime_version"
  case ciVendor = "ci_vendor"
  case uptime
  case language
  /// Only the network part of the connection's address: /24 or /48, seen by the collector.
  case network

  /// The type a standard field has when the catalog says none.
  public var type: FieldType {
    switch self {
    case .appVersion, .osVersion, .osRelease, .runtimeVersion: .version()
    case .osName: .text(.oneOf(Self.operatingSystems))
    case .architecture: .text(.oneOf(Self.architectures))
    case .processor: .text(.pattern("[A-Za-z0-9 (),@._+-]{1,64}"))
    case .cores: .integer(NumberRule(min: 1, max: 4096))
    case .memory, .uptime: .integer(NumberRule(min: 0))
    case .ciVendor: .text(.pattern("[A-Za-z0-9 ._-]{1,40}"))
    case .language: .text(.pattern("[a-zA-Z]{2,3}|[a-zA-Z]{2,3}[_-][A-Za-z0-9]{2,8}"))
    case .network: .text(.pattern("[0-9a-f.:/]{3,45}"))
    }
  }

  /// The unit a standard field is stored in.
  public var unit: String? {
    switch self {
    case .memory: "bytes"
    case .uptime: "s"
    case .cores: "cores"
    default: nil
    }
  }

  /// What the page says when the catalog says nothing.
  public var description: String {
    switch self {
    case .appVersion: "The version of the tool."
    case .osName: "The operating system."
    case .osVersion: "The version of the operating system."
    case .osRelease: "The release of the kernel, without its build string."
    case .architecture: "The architecture the tool was built for."
    case .processor: "The model of the processor."
    case .cores: "How many processor cores the tool may use."
    case .memory: "The memory of the machine."
    case .runtimeVersion: "The version of the language runtime."
    case .ciVendor: "Which continuous-integration service runs the tool, if one does."
    case .uptime: "How long the tool had been running."
    case .language: "The language of the user's environment."
    case .network: "The network part of the sender's address (/24 or /48), never the address."
    }
  }

  /// The operating systems a value is reduced to.
  public static let operatingSystems = [
    "linux", "macos", "windows", "freebsd", "openbsd", "netbsd", "android", "ios", "other",
  ]

  /// The architectures a value is reduced to.
  public static let architectures = [
    "x86_64", "arm64", "i386", "arm", "riscv64", "ppc64le", "s390x", "wasm32", "other",
  ]

  /// Returns the declared spelling of what a foreign client wrote, or `text` when none is built in.
  ///
  /// Only `osName` and `architecture` have spellings; matching ignores letter case.
  public func spelling(of text: String) -> String {
    let key = text.lowercased()
    switch self {
    case .osName:
      switch key {
      case "darwin", "mac", "macosx", "mac os x", "osx", "mac os": return "macos"
      case "win32", "windows nt", "win": return "windows"
      case "gnu/linux": return "linux"
      default: return key
      }
    case .architecture:
      switch key {
      case "aarch64", "arm64e", "arm64-v8a": return "arm64"
      case "amd64", "x64", "x86-64": return "x86_64"
      case "x86", "i686", "i586", "ia32": return "i386"
      case "armv7l", "armv6l", "armv7": return "arm"
      default: return key
      }
    default:
      return text
    }
  }
}
