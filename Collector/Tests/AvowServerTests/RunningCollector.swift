import AvowDemo
import AvowServer
import AvowStoreSQLite
import AvowWire
import Foundation
import GRDB
import Logging
import Synchronization

/// A collector of a test's own, on a free port and a temporary folder, for as long as a closure runs.
struct RunningCollector: Sendable {
  let collector: Collector
  let port: UInt16
  let folder: TemporaryFolder
  let clock: SimulatedClock

  /// Noon of a fixed day.
  static let now = Timestamp(milliseconds: 1_790_000_000_000)

  /// A small catalog with every door open.
  static let catalog = """
    avow: 1
    app: weaver
    name: Weaver
    version: 1
    purpose: To test.
    delivery: {key: wk_x}
    context: {app_version: {why: x}, os_name: {why: x}}
    events:
      weave:
        description: A cloth was woven.
        why: x
        expires: never
        properties:
          loom: {type: text, one_of: [hand, jacquard, other], description: Which loom.}
          rows: {type: integer, min: 0, description: How many rows.}
    """

  /// The catalog of a second app, that of the first but for its name.
  static let dyer = catalog.replacingOccurrences(of: "app: weaver", with: "app: dyer")

  /// A collector of both apps.
  static func withTwoApps(
    _ body: @escaping @Sendable (RunningCollector) async throws -> Void
  ) async throws {
    try await with(
      configure: { configuration in
        let path = configuration.catalogPaths[0].replacingOccurrences(of: "weaver.yaml", with: "dyer.yaml")
        try? dyer.write(toFile: path, atomically: true, encoding: .utf8)
        configuration.catalogPaths.append(path)
      }, body)
  }

  static func with<Result: Sendable>(
    isOpen: Bool = true, catalog: String = catalog, logger given: Logger? = nil,
    configure: @Sendable (inout CollectorConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (RunningCollector) async throws -> Result
  ) async throws -> Result {
    let folder = try TemporaryFolder()
    try folder.write(catalog, to: "weaver.yaml")
    let clock = SimulatedClock(start: now)
    let collector = try await open(folder, clock: clock, isOpen: isOpen, logger: given, configure: configure)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
      group.addTask {
        defer { continuation.finish() }
        do {
          try await collector.run(stopOnSignals: false) { continuation.yield($0) }
        } catch is CancellationError {}
        return nil
      }
      for await address in addresses {
        let port = UInt16(address.split(separator: ":").last ?? "") ?? 0
        let running = RunningCollector(collector: collector, port: port, folder: folder, clock: clock)
        group.addTask { try await body(running) }
        break
      }
      while let result = try await group.next() {
        if let result {
          group.cancelAll()
          return result
        }
      }
      throw CollectorError(.failed, "the collector stopped before the test's body did")
    }
  }

  /// Builds a collector over a folder that holds a `weaver.yaml`.
  static func open(
    _ folder: TemporaryFolder, clock: SimulatedClock, isOpen: Bool = true, logger given: Logger? = nil,
    configure: @Sendable (inout CollectorConfiguration) -> Void = { _ in }
  ) async throws -> Collector {
    var logger = given ?? Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
    if given == nil { logger.logLevel = .critical }
    var configuration = CollectorConfiguration(
      port: 0, dataFolder: folder.path + "/data", catalogPaths: [folder.path + "/weaver.yaml"],
      isOpen: isOpen)
    configure(&configuration)
    if configuration.isBehindProxy { configuration.isOpen = false }
    return try await buildCollector(
      configuration: configuration,
      store: { [logger] in
        try await SQLiteEventStore(
          folder: $0.folder, pepper: $0.pepper, clock: { clock.now() }, logger: logger)
      }, clock: clock, logger: logger)
  }

  /// The user of `record`.
  static let user = "0123456789abcdef0123456789abcdef"

  /// The admin token, from the operator's copy.
  func token() throws -> String {
    try String(contentsOfFile: folder.path + "/data/admin-token", encoding: .utf8)
      .trimmingCharacters(in: .newlines)
  }

  /// How many users the store knows.
  func pseudonyms() async throws -> Int {
    try await DatabaseQueue(path: folder.path + "/data/identity.sqlite").read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM users_weaver") ?? 0
    }
  }

  func key() async throws -> String { try await collector.makeKey(app: "weaver") }

  /// Sends a request over loopback, on a connection of its own.
  func send(
    _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
  ) async throws -> LoopbackClient.Answer {
    try await withCheckedThrowingContinuation { continuation in
      // The client blocks; it may not sit on one of the few threads the collector runs on.
      Thread.detachNewThread { [port] in
        continuation.resume(
          with: Swift.Result {
            // Tests that wait for other processes may hold the few threads the collector shares with them.
            try LoopbackClient(port: port, timeout: .seconds(600)).send(
              method: method, target: path, headers: headers, body: body)
          })
      }
    }
  }

  /// Sends a native request with one event.
  func record(key: String, n: Int, user: String = user) async throws
    -> LoopbackClient.Answer
  {
    let body = """
      {"app":"weaver","catalog":{"version":1,"digest":"x"},"segment":"00112233445566778899aabb",\
      "user":"\(user)","session":null,"context":{"app_version":"1.2.3","os_name":"linux"},\
      "events":[{"n":\(n),"name":"weave","time":\(Self.now.milliseconds),\
      "properties":{"loom":"hand","rows":7}}]}
      """
    return try await send(
      "POST", "/v1/events",
      headers: [
        (name: "Authorization", value: "Bearer \(key)"), (name: "Content-Type", value: "application/json"),
        (name: "Avow-Sent", value: "\(Self.now.milliseconds)"),
      ], body: Array(body.utf8))
  }

  /// What an operator's request gives.
  func admin(_ method: String, _ path: String, _ parameters: [(name: String, value: String)]) async throws
    -> (status: Int, text: String)
  {
    try await collector.admin(method, path, parameters)
  }
}

extension Collector {
  /// What an operator's request gives.
  func admin(_ method: String, _ path: String, _ parameters: [(name: String, value: String)]) async throws
    -> (status: Int, text: String)
  {
    let answer = await admin.respond(to: AdminRequest(method, path, parameters))
    let collected = Mutex<[UInt8]>([])
    switch answer.body {
    case .bytes(let bytes): collected.withLock { $0 = bytes }
    case .stream(let produce): try await produce { bytes in collected.withLock { $0 += bytes } }
    }
    return (answer.status, String(decoding: collected.withLock { $0 }, as: UTF8.self))
  }
}
