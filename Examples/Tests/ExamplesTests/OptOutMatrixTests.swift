import AvowWire
import Foundation
import Testing

/// Each tool's own variable with each value, on the real hosts, by what the system saw them do.
struct OptOutMatrixTests {
  private static let hasStrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

  /// A cell: a host, a value (`nil`: not set), and whether it reports.
  struct Cell: Sendable, CustomTestStringConvertible {
    var host: HostTests.Host
    var variable: String
    var value: String?
    var isOn: Bool
    var testDescription: String { "\(host.program) \(variable)=\(value ?? "(unset)")" }
  }

  static let values: [String?] = [nil, "", "0", "1", "2", "false", "true", "maybe"]

  static let cells: [Cell] = HostTests.hosts.flatMap { host in
    Set([host.variable, "DO_NOT_TRACK"]).sorted().flatMap { variable in
      values.map { value in
        let isHarmless = variable == host.variable && value.map(host.harmless.contains) == true
        return Cell(host: host, variable: variable, value: value, isOn: value == nil || isHarmless)
      }
    }
  }

  /// Files, sockets, threads and processes.
  private static let calls =
    "open,openat,creat,mkdir,mkdirat,rename,renameat,unlink,unlinkat,socket,connect,sendto,clone,clone3,fork,vfork"

  @Test(.enabled(if: hasStrace, "strace is not installed"), arguments: cells)
  func `each value does what the catalog says, seen from the system`(cell: Cell) throws {
    // Nobody listens there: an attempt to connect is all that is needed.
    var environment = ["AVOW_URL": "http://127.0.0.1:9", "AVOW_KEY": "wk_test"]
    environment[cell.variable] = cell.value
    let outcome = try ExampleProgram(name: cell.host.program).run(
      environment: environment, tracing: Self.calls)
    #expect(outcome.status == 0)
    let lines = outcome.errors.split(separator: "\n")
    func made(_ names: String...) -> [Substring] {
      lines.filter { line in names.contains { line.contains($0 + "(") } }
    }
    let connections = made("socket", "connect", "sendto")
    let threads = made("clone", "clone3", "fork", "vfork")
    let writes =
      made("mkdir", "mkdirat", "rename", "renameat", "unlink", "unlinkat", "creat")
      + made("open", "openat").filter { !$0.contains("O_RDONLY") || $0.contains("avow/") }
    #expect(outcome.errors.contains(cell.host.disabled) == !cell.isOn)
    if cell.isOn {
      #expect(connections.contains { $0.contains("htons(9)") })
      #expect(!threads.isEmpty)
      #expect(!outcome.files.isEmpty)
    } else {
      #expect(connections.isEmpty, "\(connections)")
      #expect(threads.isEmpty, "\(threads)")
      #expect(writes.isEmpty, "\(writes)")
      #expect(outcome.files.isEmpty)
    }
  }

  @Test(arguments: HostTests.hosts)
  func `unset again a host reports again, as the same user, and nothing of the time between`(
    host: HostTests.Host
  ) throws {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("avow-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: home) }
    func run(_ more: [String: String]) throws -> (users: Set<String>, events: Int, recorded: Int) {
      let outcome = try ExampleProgram(name: host.program).run(
        environment: HostTests.shown.merging(more) { $1 }, home: home)
      #expect(outcome.status == 0)
      let bodies = outcome.errors.split(separator: "\n").compactMap { line in
        line.firstIndex(of: "{").flatMap { try? JSONValue(parsing: line[$0...].utf8) }
      }
      .filter { $0["events"] != nil }
      let last = outcome.output.split(separator: "\n").last ?? ""
      let counts = (try? JSONValue(parsing: last.utf8))?["recorded"]?.objectValue ?? [:]
      return (
        Set(bodies.compactMap { $0["user"]?.stringValue }),
        bodies.reduce(0) { $0 + ($1["events"]?.arrayValue?.count ?? 0) },
        counts.values.reduce(0) { $0 + Int($1.integerValue ?? 0) }
      )
    }
    let before = try run([:])
    let between = try run([host.variable: "1"])
    let after = try run([:])
    #expect(before.events > 0 && before.events == before.recorded)
    #expect(between.events == 0 && between.recorded == 0)
    #expect(after.events > 0 && after.events == after.recorded)
    // BlindAI's identifier is drawn at each start; the others' is the installation's.
    #expect((before.users == after.users) == (host.app != "blindai"))
  }
}
