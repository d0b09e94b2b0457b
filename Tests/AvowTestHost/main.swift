import Avow

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// What a host does, as the tests ask for it:
// `AvowTestHost COUNT [fork|kill|flush [MILLISECONDS]|deaf [MILLISECONDS]|command|helper PATH|hookless]`. Everything else, the
// destination included, comes from the environment.

enum Tool: DeclaredCatalog {
  static let catalog = Catalog(
    app: "testhost", name: "Test host", version: 1,
    consent: .init(
      default: .enabled, optOut: [.init(name: "TESTHOST_OFF", meaning: .set)], reportsInCI: true),
    delivery: .init(everyMilliseconds: 60_000),
    context: [Field("os_name", .text(.oneOf(StandardField.operatingSystems)), source: .osName)],
    events: [EventDeclaration("tick", properties: [Field("number", .integer(.init(min: 0)))])])
  static let digest = catalog.digest

  struct Context: DeclaredContext {
    func encode(into encoder: inout EventEncoder) {}
  }

  enum Event: DeclaredEvent {
    case tick(number: Int)

    func encode(into encoder: inout EventEncoder) {
      switch self {
      case .tick(let number):
        encoder.begin(event: 0)
        encoder.integer(number, field: 0, in: 0...1_099_511_627_776)
      }
    }
  }
}

let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1 : 1
let deed = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : ""
let patience = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) : nil

// A sending child has no arguments: the hook is all it reaches.
if deed != "hookless", deed != "helper" { Telemetry.main(Tool.self, version: "1.0") }
let telemetry = Telemetry(
  Tool.self, version: "1.0", lifetime: ["command", "helper"].contains(deed) ? .command : .service,
  notice: .standardError, helper: deed == "helper" ? CommandLine.arguments.last : nil)
for number in 0..<count { telemetry.record(.tick(number: number)) }
switch deed {
case "helper": print(telemetry.status.problem ?? "")
case "kill": kill(getpid(), SIGKILL)
case "flush": exit(telemetry.flush(timeout: .milliseconds(patience ?? 10_000)) ? 0 : 1)
case "deaf":
  // The machine's resolver, in a network of this process's own: takes questions and never answers.
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(53).bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  let resolver = socket(AF_INET, 2, 0)  // SOCK_DGRAM, whose Swift type differs from system to system
  let isBound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(resolver, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
  if !isBound { exit(2) }
  let isSent = telemetry.flush(timeout: .milliseconds(patience ?? 1_000))
  var question: UInt8 = 0
  // It was asked, or this proves nothing.
  if recv(resolver, &question, 1, Int32(MSG_DONTWAIT)) < 0 { exit(3) }
  exit(isSent ? 0 : 1)
case "fork":
  let child = fork()
  for number in count..<count * 2 { telemetry.record(.tick(number: number + (child == 0 ? 1_000_000 : 0))) }
  if child == 0 { kill(getpid(), SIGKILL) }
  var status: Int32 = 0
  waitpid(child, &status, 0)
  kill(getpid(), SIGKILL)
default: break
}
