import ArgumentParser
import AvowDemo
import AvowServer
import AvowStore
import AvowWire
import Foundation
import Logging
import Synchronization

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Shows the whole product on made-up users.",
    discussion: """
      Starts a collector on a fresh folder with four catalogs, plays 60 days of made-up users against it - the \
      example hosts through the client, and the requests that four tools' real clients send - and stays up. With \
      the variable DEMO_EXIT=1 it compares what is stored with what was sent and ends: 0 only if they agree.
      """)

  @Option(name: .long, help: "The folder of the four catalogs.") var catalogs = "Catalogs"
  @Option(name: .long, help: "The folder of the built example hosts.") var examples = "Examples/.build/debug"
  @Option(name: .long, help: "HOST:PORT on loopback; port 0 takes any free one.") var listen = "127.0.0.1:0"
  @Option(name: .long, help: "How many days to play.") var days = 60
  @Option(name: .long, help: "Keep the data in this new or empty folder; absent: a temporary one.")
  var data: String?

  func validate() throws {
    guard (1...365).contains(days) else { throw ValidationError("--days is a number from 1 to 365") }
  }

  func run() async throws {
    let exits = Environment["DEMO_EXIT"] == "1"
    let (host, port) = try ServeCommand.address(listen)
    let workspace = try Self.temporaryFolder()
    defer { Self.remove(workspace) }
    let folder = data ?? workspace + "/data"
    guard !DataFolder.exists(folder) else {
      throw CollectorError(.usage, "\(folder) holds data already; a demo needs a new or empty folder")
    }
    for program in ["inference-server", "flow", "optimizer", "monitoring-service"]
    where access(examples + "/" + program, X_OK) != 0 {
      throw CollectorError(
        .usage,
        "the example host \(examples)/\(program) is not built; run `swift build --package-path Examples`, or `make demo`"
      )
    }
    let end = SystemClock().now()
    let clock = SimulatedClock(start: Timestamp(day: end.day - days + 1))
    var logger = Logger(label: "avow") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let collector = try await buildCollector(
      configuration: CollectorConfiguration(
        host: host, port: port, dataFolder: folder, catalogPaths: [catalogs], isOpen: true),
      store: { [logger] in try await openStore($0, clock: clock, logger: logger) }, clock: clock,
      logger: logger)
    let status = Mutex<Int32>(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
      group.addTask {
        // Ctrl-C and SIGTERM end the run like any collector's.
        try await collector.run {
          continuation.yield($0)
          continuation.finish()
        }
        continuation.finish()
      }
      for await address in addresses {
        let comparison = try await play(
          against: collector, at: address, clock: clock, end: end, workspace: workspace)
        print("\n" + comparison.table)
        if exits {
          status.withLock { $0 = comparison.exitStatus }
          group.cancelAll()
        } else {
          tour(address: address, folder: folder)
        }
      }
      do {
        try await group.waitForAll()
      } catch {
        if !exits { throw error }
      }
    }
    let result = status.withLock { $0 }
    if result != 0 {
      printError("what is stored differs from what was sent")
      throw ExitCode(result)
    }
  }

  private func play(
    against collector: Collector, at address: String, clock: SimulatedClock, end: Timestamp,
    workspace: String
  ) async throws -> DemoComparison {
    var keys: [String: String] = [:]
    for catalog in collector.state.catalogs.catalogs {
      keys[catalog.app] = try await collector.makeKey(app: catalog.app)
    }
    guard let port = UInt16(address.split(separator: ":").last ?? "") else {
      throw CollectorError(.failed, "the collector listens on \(address), which has no port")
    }
    print("Playing \(days) days of made-up users against \(address)")
    let simulation = DemoSimulation(
      target: .init(port: port, keys: keys, setClock: { clock.set($0) }), days: days, end: end,
      examples: examples, workspace: workspace + "/hosts")
    let isTerminal = isatty(1) == 1
    let days = days
    let ledger = await simulation.play { day in
      if isTerminal {
        print("\r  day \(day) of \(days)", terminator: "")
        flushOutput()
      }
    }
    var found: [String: DemoComparison.Found] = [:]
    for app in ledger.accounts.keys {
      let stored = Mutex(0)
      try await collector.state.store.export(ExportRequest(app: app)) { events in
        stored.withLock { $0 += events.count }
      }
      let counts = collector.state.counts(app: app)
      func count(_ name: String) -> Int { counts.first { $0.name == name }?.value ?? 0 }
      found[app] = DemoComparison.Found(
        stored: stored.withLock { $0 }, duplicates: count("duplicates"), removed: count("removed"),
        dropped: count("dropped"), refused: count("refused"))
    }
    return DemoComparison(ledger: ledger, found: found)
  }

  private func tour(address: String, folder: String) {
    let avow = CommandLine.arguments.first ?? "avow"
    printLine(
      """
      The dashboard is open to this machine: \(address)/

      Try in another terminal:
        \(avow) ask evidently users by week --data \(folder)
        \(avow) ask speedster distribution of optimizations.latency by optimizations.technique --data \(folder)
        \(avow) quarantine --data \(folder)
        \(avow) export blindai --event run_model --format csv --data \(folder) | head
      The page users read: \(address)/catalog/evidently

      Ctrl-C ends it and removes the data.
      """)
  }

  private static func temporaryFolder() throws -> String {
    var template = Array(
      (Environment["TMPDIR"] ?? "/tmp").utf8CString.dropLast() + "/avow-demo-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CollectorError(.failed, "cannot make a temporary folder; set TMPDIR to one that is writable")
    }
    return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes the demo's own temporary folder with all in it.
  private static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }
}
