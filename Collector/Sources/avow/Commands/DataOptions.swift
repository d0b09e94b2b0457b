import ArgumentParser
import AvowServer
import AvowStoreSQLite
import AvowWire
import Logging

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the collector keeps its data; shared by every command that asks or changes something.
struct DataOptions: ParsableArguments {
  @Option(name: .long, help: "The collector's data folder (or the variable AVOW_DATA).")
  var data: String?

  var folder: String { data ?? Environment["AVOW_DATA"] ?? "avow-data" }

  /// Where the secret behind pseudonyms is.
  var pepperPath: String { Environment["AVOW_PEPPER_FILE"] ?? folder + "/pepper" }

  /// Asks the collector that holds the folder, or opens the folder when none does.
  ///
  /// - Throws: `CollectorError` in the collector's own words.
  func send(_ request: AdminRequest, receive: @escaping @Sendable ([UInt8]) throws -> Void) async throws {
    try await withDoor { send in try await send(request, receive) }
  }

  /// Asks any number of times; a folder that no collector holds is opened once for all of them.
  func withCollector<Value>(
    _ body: (@escaping (AdminRequest) async throws -> JSONValue) async throws -> Value
  ) async throws -> Value {
    try await withDoor { send in
      try await body { request in
        let answer = Collected()
        try await send(request) { answer.append($0) }
        return try JSONValue(parsing: answer.bytes)
      }
    }
  }

  private typealias Send = (AdminRequest, @escaping @Sendable ([UInt8]) throws -> Void) async throws -> Void

  private func withDoor<Value>(_ body: (@escaping Send) async throws -> Value) async throws -> Value {
    try DataFolder.check(folder)
    if DataFolder.isLocked(folder) {
      return try await body { request, receive in
        let answer = try ControlClient(folder: folder).send(request, receive: receive)
        if answer.status != 200 { throw Self.failure(answer.failure) }
      }
    }
    setenv("SQLITE_TMPDIR", folder, 0)
    var logger = Logger(label: "avow") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let collector = try await buildCollector(
      configuration: CollectorConfiguration(
        dataFolder: folder, catalogPaths: [], pepperFile: Environment["AVOW_PEPPER_FILE"]),
      store: { [logger] in try await openStore($0, clock: SystemClock(), logger: logger) }, logger: logger)
    do {
      let value = try await body { request, receive in
        let response = await collector.admin.respond(to: request)
        switch response.body {
        case .bytes(let bytes) where response.status == 200: try receive(bytes)
        case .bytes(let bytes): throw Self.failure(bytes)
        case .stream(let produce): try await produce { try receive($0) }
        }
      }
      await collector.close()
      return value
    } catch {
      await collector.close()
      throw error
    }
  }

  /// Asks and returns the answer as JSON.
  func json(_ request: AdminRequest) async throws -> JSONValue {
    let body = Collected()
    try await send(request) { body.append($0) }
    return try JSONValue(parsing: body.bytes)
  }

  /// Asks and prints the answer as it comes.
  ///
  /// - Parameter each: Told of each piece that was printed.
  func print(
    _ request: AdminRequest, each: @escaping @Sendable ([UInt8]) -> Void = { _ in }
  ) async throws {
    try await send(request) { bytes in
      var offset = 0
      while offset < bytes.count {
        let count = bytes.withUnsafeBytes { write(1, $0.baseAddress! + offset, bytes.count - offset) }
        // The reader went away (`| head`): nothing is left to do, and nothing went wrong.
        if count <= 0 { throw ExitCode(errno == EPIPE ? 0 : 1) }
        offset += count
      }
      each(bytes)
    }
  }

  private static func failure(_ body: [UInt8]) -> CollectorError {
    let message = (try? JSONValue(parsing: body))?["error"]?.stringValue
    return CollectorError(.failed, message ?? "the collector refused")
  }
}

/// Opens the embedded store of a data folder.
func openStore(_ place: StorePlace, clock: any CollectorClock, logger: Logger) async throws
  -> SQLiteEventStore
{
  try await SQLiteEventStore(
    folder: place.folder, pepper: place.pepper, clock: { clock.now() }, logger: logger)
}

/// The variables the process was started with.
enum Environment {
  static subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
