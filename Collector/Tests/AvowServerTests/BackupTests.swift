import AvowDemo
import AvowStore
import AvowStoreSQLite
import AvowWire
import Foundation
import Logging
import Testing

@testable import AvowServer

/// A folder opened without listening, as commands do.
func withFolder<Value>(
  _ path: String, pepperFile: String? = nil, acceptsNewPepper: Bool = false,
  at now: Timestamp = RunningCollector.now,
  catalogs: [String] = [], _ body: (Collector) async throws -> Value
) async throws -> Value {
  var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
  logger.logLevel = .critical
  let clock = SimulatedClock(start: now)
  var configuration = CollectorConfiguration(
    dataFolder: path, catalogPaths: catalogs, pepperFile: pepperFile)
  configuration.acceptsNewPepper = acceptsNewPepper
  let collector = try await buildCollector(
    configuration: configuration,
    store: { [logger] in
      try await SQLiteEventStore(
        folder: $0.folder, pepper: $0.pepper, clock: { clock.now() }, logger: logger)
    }, clock: clock, logger: logger)
  do {
    let value = try await body(collector)
    await collector.close()
    return value
  } catch {
    await collector.close()
    throw error
  }
}

extension Collector {
  /// What an operator's request gives, as text.
  func ask(
    _ method: String, _ path: String, _ parameters: [(name: String, value: String)], body: [UInt8] = []
  )
    async throws -> String
  {
    let answer = await admin.respond(to: AdminRequest(method, path, parameters, body: body))
    guard case .stream(let produce) = answer.body else {
      guard case .bytes(let bytes) = answer.body else { return "" }
      return String(decoding: bytes, as: UTF8.self)
    }
    let pieces = Pieces()
    try await produce { await pieces.add($0) }
    return String(decoding: await pieces.bytes, as: UTF8.self)
  }
}

actor Pieces {
  var bytes: [UInt8] = []
  func add(_ more: [UInt8]) { bytes += more }
}

struct BackupTests {
  private static let questions = [
    "events by day", "users by day", "events of weave by loom", "distribution of rows",
  ]

  private static func answers(_ collector: Collector) async throws -> [String] {
    var answers: [String] = []
    for question in questions {
      answers.append(
        try await collector.ask("GET", "ask", [("app", "weaver"), ("q", question), ("format", "json")]))
    }
    return answers
  }

  /// Fills a collector and backs it up while it runs; returns what it answered.
  private static func backUp(_ running: RunningCollector, to path: String, pepper: Bool) async throws
    -> [String]
  {
    let key = try await running.key()
    for n in 1...40 {
      _ = try await running.record(key: key, n: n, user: String(format: "%032x", n % 7 + 1))
    }
    let asked = [(name: "to", value: path), (name: "pepper", value: pepper ? "yes" : "no")]
    let lines = try await running.admin("POST", "backup", asked).text.split(separator: "\n")
    let last = try JSONValue(parsing: Array(try #require(lines.last).utf8))
    #expect(last["finished"] == true, "\(last)")
    let done = try lines.dropLast().map { try JSONValue(parsing: Array($0.utf8))["done"]?.integerValue ?? 0 }
    #expect(!done.isEmpty && done == done.sorted())
    return try await answers(running.collector)
  }

  @Test func `a restored folder answers the same and knows its keys and users`() async throws {
    try await RunningCollector.with { running async throws in
      let copy = running.folder.path + "/copy"
      let expected = try await Self.backUp(running, to: copy, pepper: true)
      try await withFolder(copy) { restored async throws in
        #expect(try await Self.answers(restored) == expected)
        #expect(
          try await restored.ask("GET", "keys", []) == (try await running.admin("GET", "keys", []).text))
        #expect(
          try await restored.ask("GET", "receipt-key", [])
            == (try await running.admin("GET", "receipt-key", []).text))
        let user = String(format: "%032x", 3)
        let events = try await restored.ask("GET", "export", [("app", "weaver"), ("user", user)])
        #expect(events.split(separator: "\n").count == 6)
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: copy).sorted()
      #expect(names.contains("backup.txt") && names.contains("pepper"))
      for name in names where name != "lock" && !name.hasSuffix("-shm") && !name.hasSuffix("-wal") {
        let attributes = try FileManager.default.attributesOfItem(atPath: copy + "/" + name)
        #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
      }
    }
  }

  @Test func `a folder restored without its pepper says what is needed`() async throws {
    try await RunningCollector.with { running async throws in
      let copy = running.folder.path + "/copy"
      let expected = try await Self.backUp(running, to: copy, pepper: false)
      let files = FileManager.default
      #expect(!files.fileExists(atPath: copy + "/pepper"))
      func refusal() async -> String {
        do {
          try await withFolder(copy) { _ in }
          return "opened"
        } catch {
          return "\(error)"
        }
      }
      #expect(await refusal().contains("the pepper \(copy)/pepper is missing"))
      #expect(!files.fileExists(atPath: copy + "/pepper"), "another secret was made")
      let found = FolderCheck(folder: copy, pepperFile: nil).findings()
      #expect(found.contains { $0.subject == "the pepper" && $0.severity == .error })
      try Data(repeating: 7, count: 32).write(to: URL(fileURLWithPath: copy + "/pepper"))
      #expect(await refusal().contains("is not the pepper that this folder's pseudonyms were made with"))
      try files.removeItem(atPath: copy + "/pepper")
      // The file may be anywhere.
      try await withFolder(copy, pepperFile: running.folder.path + "/data/pepper") { restored async throws in
        #expect(try await Self.answers(restored) == expected)
      }
      try await withFolder(copy, acceptsNewPepper: true) { restored async throws in
        #expect(try await Self.answers(restored) == expected)
      }
      #expect(await refusal() == "opened")
    }
  }

  @Test func `a backup is the owner's to make, into a new folder`() async throws {
    try await RunningCollector.with { running async throws in
      let token = try running.token()
      let path = running.folder.path + "/copy"
      let answer = try await running.send(
        "POST", "/admin/backup",
        headers: [
          (name: "Authorization", value: "Bearer \(token)"),
          (name: "Content-Type", value: "application/x-www-form-urlencoded"),
        ], body: Array("to=\(path)".utf8))
      #expect(answer.status == 400 && answer.text.contains("avow backup"))
      #expect(!FileManager.default.fileExists(atPath: path))
      let there = try await running.admin("POST", "backup", [("to", running.folder.path)])
      #expect(there.text.contains("is there already"))
      let relative = try await running.admin("POST", "backup", [("to", "copy")])
      #expect(relative.text.contains("absolute"))
    }
  }
}

struct FolderCheckTests {
  @Test func `a healthy folder has no finding, an open one has`() async throws {
    try await RunningCollector.with { running async throws in
      _ = try await running.record(key: running.key(), n: 1)
      let path = running.folder.path + "/data"
      func errors() -> [String] {
        FolderCheck(folder: path, pepperFile: nil).findings().filter { $0.severity == .error }.map(\.subject)
      }
      #expect(errors() == [])
      chmod(path + "/pepper", 0o644)
      chmod(path, 0o755)
      #expect(errors() == ["the folder", "pepper"])
    }
  }

  @Test func `control database and pepper that are gone are named`() async throws {
    let folder = try await RunningCollector.with { running async throws in
      _ = try await running.key()
      return running.folder
    }
    let path = folder.path + "/data"
    try FileManager.default.removeItem(atPath: path + "/pepper")
    let lost = FolderCheck(folder: path, pepperFile: nil).findings().filter { $0.severity == .error }
    #expect(lost.map(\.subject) == ["the pepper"])
    try Data("no database".utf8).write(to: URL(fileURLWithPath: path + "/control.sqlite"))
    let broken = FolderCheck(folder: path, pepperFile: nil).findings().filter { $0.severity == .error }
    #expect(broken.map(\.subject) == ["control.sqlite"])
    #expect(broken.first?.remedy?.contains("backup") == true)
    let error = await #expect(throws: CollectorError.self) { try await withFolder(path) { _ in } }
    #expect(error?.message.contains("control.sqlite: it is damaged") == true)
  }
}
