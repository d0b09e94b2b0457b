import CAvowShims

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Finds the values of the standard context fields; only those a catalog declares are looked for.
struct HostProbe {
  enum Value {
    case text(String)
    case integer(Int)
  }

  var appVersion: String
  var environment: TelemetryEnvironment

  /// Returns the encoded context: what the machine tells and what the host program gives.
  func context(_ fields: [Field], host: (inout EventEncoder) -> Void) -> [UInt8] {
    let capacity = 16 * 1024
    return withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { memory in
      guard let base = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return [] }
      var encoder = EventEncoder(base, capacity: capacity)
      for (index, field) in fields.enumerated() {
        guard let source = field.source, let value = value(of: source) else { continue }
        Self.put(value, field, source, index, into: &encoder)
      }
      host(&encoder)
      encoder.finish()
      return Array(UnsafeBufferPointer(start: base, count: encoder.position))
    }
  }

  /// Returns what the machine says; `nil` when it says nothing, or the collector is to find out.
  func value(of field: StandardField) -> Value? {
    switch field {
    case .appVersion: return .text(appVersion)
    case .osName:
      #if os(Linux)
        return .text("linux")
      #elseif os(macOS)
        return .text("macos")
      #elseif os(Android)
        return .text("android")
      #elseif os(FreeBSD)
        return .text("freebsd")
      #else
        return .text("other")
      #endif
    case .osVersion: return osVersion.map(Value.text)
    case .osRelease: return release.map(Value.text)
    case .architecture: return .text(Self.architecture)
    case .processor: return processor.map(Value.text)
    case .cores: return .integer(Int(avow_usable_cores()))
    case .memory:
      let bytes = avow_physical_memory()
      return bytes == 0 ? nil : Int(exactly: bytes).map(Value.integer)
    case .runtimeVersion: return .text(Self.swiftVersion)
    case .ciVendor: return ContinuousIntegration.vendor(environment.value).map(Value.text)
    case .language: return language.map(Value.text)
    case .uptime, .network: return nil
    }
  }

  private static func put(
    _ value: Value, _ field: Field, _ source: StandardField, _ index: Int, into encoder: inout EventEncoder
  ) {
    switch (field.type, value) {
    case (.integer(let rule), .integer(let number)):
      let low = rule.min.map(Int.init) ?? -(1 << 40)
      let high = rule.max.map(Int.init) ?? 1 << 40
      guard low <= high else { return }
      if rule.bucket.isEmpty {
        encoder.integer(number, field: index, in: low...high)
      } else {
        encoder.integer(number, field: index, in: low...high, bucket: rule.bucket.map(Int.init))
      }
    case (.number, .integer(let number)):
      encoder.number(Double(number), field: index, in: -Double.infinity...Double.infinity)
    case (.version(let precision), .text(let text)):
      encoder.version(text, field: index, precision: precision)
    case (.text(.oneOf(let values)), .text(let text)):
      let spelling = source.spelling(of: text)
      if let choice = values.firstIndex(where: { $0.lowercased() == spelling.lowercased() })
        ?? values.firstIndex(of: "other")
      {
        encoder.choice(choice, field: index)
      }
    case (.text(.pattern), .text(let text)): encoder.text(text, field: index, maxLength: 64)
    case (.text(.free(_, let maxLength)), .text(let text)):
      encoder.text(text, field: index, maxLength: maxLength)
    default: break
    }
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #elseif arch(i386)
      "i386"
    #elseif arch(arm)
      "arm"
    #elseif arch(riscv64)
      "riscv64"
    #elseif arch(powerpc64le)
      "ppc64le"
    #elseif arch(s390x)
      "s390x"
    #elseif arch(wasm32)
      "wasm32"
    #else
      "other"
    #endif
  }

  private static var swiftVersion: String {
    #if compiler(>=7.0)
      "7.0"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// The kernel's release without its build string: `6.1.119` of `6.1.119-acme-build7`.
  private var release: String? {
    var names = utsname()
    guard uname(&names) == 0 else { return nil }
    let text = withUnsafePointer(to: &names.release) {
      $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
    }
    return VersionText.reduced(text)
  }

  private var osVersion: String? {
    #if os(Linux)
      guard case .bytes(let bytes) = StateDirectory.SystemFile(path: "/etc/os-release") else { return nil }
      return Self.versionID(bytes)
    #else
      return release
    #endif
  }

  /// Returns `VERSION_ID` of an `os-release` file.
  static func versionID(_ bytes: [UInt8]) -> String? {
    for line in PlainText.words(Substring(String(decoding: bytes, as: UTF8.self)), between: "\r\n")
    where line.hasPrefix("VERSION_ID=") {
      return VersionText.reduced(String(line.dropFirst(11).filter { $0 != "\"" && $0 != "'" }))
    }
    return nil
  }

  private var processor: String? {
    var text = [CChar](repeating: 0, count: 256)
    avow_processor_name(&text, text.count)
    return Self.processorName(
      String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  /// Returns the name with the characters its pattern allows, blanks joined.
  static func processorName(_ text: String) -> String? {
    let words = PlainText.words(text[...], between: " ").map { word in
      String(word.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "()@._+-".contains($0)) })
    }
    let name = String(words.filter { !$0.isEmpty }.joined(separator: " ").prefix(64))
    return name.isEmpty ? nil : name
  }

  private var language: String? {
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
      guard let value = environment.value(name), !value.isEmpty else { continue }
      return Self.language(value)
    }
    return nil
  }

  /// Returns `en_US` of `en_US.UTF-8`; `nil` for what is no language.
  static func language(_ value: String) -> String? {
    let tag = value.prefix { $0 != "." && $0 != "@" }
    let parts = PlainText.words(tag, between: "_-")
    guard let first = parts.first, (2...3).contains(first.count),
      first.allSatisfy({ $0.isASCII && $0.isLetter }),
      parts.count <= 2, parts.count == 1 || (2...8).contains(parts[1].count)
    else { return nil }
    return String(tag)
  }
}
