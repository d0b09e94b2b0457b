import AvowIngest
public import AvowStore
import AvowWire
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A collector, built and not yet listening.
///
/// `avow serve`, `avow demo`, the commands that open a data folder themselves and the tests all build it
/// with `buildCollector`.
public struct Collector: Sendable {
  /// What an operator can ask.
  public let admin: AdminAPI
  public let state: CollectorState

  /// Listens until cancelled or told to stop by SIGTERM or SIGINT, then drains and closes the store.
  ///
  /// `onReady` gets the address once requests are answered, such as `http://127.0.0.1:8765`.
  ///
  /// - Throws: `CollectorError` when the port cannot be had.
  public func run(
    stopOnSignals: Bool = true, onReady: @escaping @Sendable (String) async -> Void
  ) async throws {
    let readiness = Readiness()
    let responder = CollectorResponder(state: state, admin: admin, readiness: readiness, isControl: false)
    let configuration = state.configuration
    var quiet = state.logger
    // The server framework logs errors that it also throws; what is thrown is said once, by the command.
    quiet.logLevel = .critical
    let scheme = state.tls == nil ? "http" : "https"
    let server = Application(
      responder: responder, server: Self.channel(state),
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port), serverName: nil,
        backlog: 1024, reuseAddress: true,
        availableConnectionsDelegate: MaximumAvailableConnections(
          OpenFiles.allow(connections: Self.maximumConnections))),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? configuration.port
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        readiness.isReady.store(true, ordering: .releasing)
        let absent = (try? state.absentApps()) ?? []
        for warning in state.catalogs.warnings + absent { state.logger.warning("\(warning)") }
        let address = "\(scheme)://\(host):\(port)"
        state.address.withLock { $0 = address }
        await onReady(address)
      }, logger: quiet)
    let socket = DataFolder.controlSocket(of: state.folder.path)
    SmallFile.remove(socket)
    let control = Application(
      responder: CollectorResponder(state: state, admin: admin, readiness: readiness, isControl: true),
      configuration: .init(address: .unixDomainSocket(path: socket), serverName: nil),
      onServerRunning: { _ in SmallFile.restrict(socket) }, logger: quiet)
    let upkeep = UpkeepService(state: state)
    var services = ServiceGroupConfiguration(
      services: [
        .init(service: upkeep), .init(service: state.deletions), .init(service: Retention(state: state)),
        .init(service: Publishing(state: state)),
        .init(service: control), .init(service: server, failureTerminationBehavior: .cancelGroup),
      ],
      gracefulShutdownSignals: stopOnSignals ? [.sigterm, .sigint] : [], logger: quiet)
    // What is under way at SIGTERM has eight seconds; then connections that still send are closed.
    services.maximumGracefulShutdownDuration = .seconds(8)
    let group = ServiceGroup(configuration: services)
    do {
      try await group.run()
    } catch is CancellationError {
      try await finish(socket)
      throw CancellationError()
    } catch {
      try? await finish(socket)
      throw Self.explain(error, configuration)
    }
    try await finish(socket)
  }

  /// Lets go of the files once nothing is under way; a database that is closed leaves no log beside it.
  private func finish(_ socket: String) async throws {
    SmallFile.remove(socket)
    defer { state.database.close() }
    try await state.store.close()
  }

  /// HTTP, in the clear or inside TLS.
  private static func channel(_ state: CollectorState) -> HTTPServerBuilder {
    let patience = state.configuration.bodyPatience
    let configuration = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ContinueHandler(), BodyPatience(patience)], idleTimeout: .seconds(75))
    guard let identity = state.tls else { return .http1(configuration: configuration) }
    return HTTPServerBuilder { responder in
      TLSChannel(http: HTTP1Channel(responder: responder, configuration: configuration), identity: identity)
    }
  }

  /// Each idle connection costs some 20 KiB, so this bounds what idle ones can take.
  private static let maximumConnections = 4096

  /// Closes what the collector holds, for one that was never run.
  public func close() async {
    try? state.saveQuality()
    try? await state.store.close()
    state.database.close()
  }

  private static func explain(_ error: any Error, _ configuration: CollectorConfiguration) -> any Error {
    let text = "\(error)"
    let place = "\(configuration.host):\(configuration.port)"
    if text.contains("ddress already in use") || text.contains("errno: 98") {
      return CollectorError(
        .port, "\(place) is in use by another program; stop it, or choose another address with --listen")
    }
    if text.contains("errno: 13") {
      return CollectorError(.port, "may not listen on \(place); ports below 1024 need more rights")
    }
    if text.contains("errno: 99") || text.contains("UnknownHost") {
      return CollectorError(.port, "\(configuration.host) is no address of this machine")
    }
    return error
  }
}

/// Whether requests are answered yet.
final class Readiness: Sendable {
  let isReady = Atomic(false)
}

/// What a store is opened with.
public struct StorePlace: Sendable {
  /// The data folder, this process's own.
  public var folder: String
  /// The secret that pseudonyms are made with; a store keeps tombstones of erased ones under it.
  public var pepper: [UInt8]
}

/// Builds a collector over a data folder: reads the catalogs, opens the store, makes what is missing.
///
/// - Parameters:
///   - store: Opens the store in the folder, once the folder is this process's own.
///   - clock: What the collector takes for now; a simulated one for demonstrations.
/// - Throws: `CollectorError` with one line that says what is wrong and how to mend it.
public func buildCollector(
  configuration: CollectorConfiguration,
  store makeStore: @Sendable (StorePlace) async throws -> any EventStore,
  clock: any CollectorClock = SystemClock(), logger: Logger
) async throws -> Collector {
  try configuration.validate()
  // Files before folder: a mistake in a catalog should not leave an empty data folder behind.
  let tls = try configuration.tls.map { files throws(CollectorError) in try TLSIdentity(files) }
  let given = configuration.catalogPaths.isEmpty ? nil : try CatalogSet(reading: configuration.catalogPaths)
  let folder = try DataFolder(opening: configuration.dataFolder)
  let database = try ControlDatabase(folder: folder.path)
  if database.isNew, SmallFile.exists(folder.path + "/receipt-key") {
    logger.error(
      "\(folder.path)/control.sqlite was missing or empty and is made anew: the write keys, the catalogs of before and the list of erasures are gone; restore it from a backup, or add the keys again"
    )
  }
  let catalogs = try given ?? CatalogSet(kept: database.newestCatalogs())
  try given?.check(against: database, accepting: configuration.acceptsChangedCatalogs)
  let quarantine = Quarantine()
  let pepper = try Pepper.load(
    configuration.pepperFile ?? folder.path + "/pepper", database,
    isReplaced: configuration.acceptsNewPepper)
  let store = try await makeStore(StorePlace(folder: folder.path, pepper: pepper))
  try Pepper.remember(pepper, database, at: clock.now())
  let state = try CollectorState(
    configuration: configuration, folder: folder, database: database,
    store: store, catalogs: catalogs, pepper: pepper,
    access: Access(tokenDigest: try AdminToken.load(folder.path, database), isOpen: configuration.isOpen),
    quarantine: quarantine, tls: tls, clock: clock, logger: logger)
  try state.restoreQuality()
  state.rates.note(state.totals, at: .now)
  for catalog in catalogs.catalogs { try await state.store.install(catalog) }
  if given != nil { try catalogs.remember(in: database, at: clock.now()) }
  return Collector(admin: AdminAPI(state: state), state: state)
}

extension Collector {
  /// A code for a link that signs one browser in, once, within ten minutes.
  public func signInCode() -> String { state.access.makeSignInCode() }

  /// Makes a write key.
  ///
  /// - Throws: `CollectorError` for an app without a catalog.
  public func makeKey(app: String) async throws -> String {
    let answer = try admin.addKey(AdminRequest("POST", "keys", [("app", app)]))
    guard case .bytes(let bytes) = answer.body,
      let key = try JSONValue(parsing: bytes)["key"]?.stringValue
    else { throw CollectorError(.failed, "no key was made for \(app)") }
    return key
  }
}
