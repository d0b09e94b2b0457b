public import AvowWire
import Synchronization

/// Reads what clients send, in whichever format, and admits what the catalogs declare.
///
/// It is pure: no socket, no file, no clock but the request's own time. A reload of catalogs makes a new value
/// with the same `Quarantine`.
///
/// ```swift
/// let ingest = try Ingest(catalogs: catalogs, pepper: pepper, quarantine: quarantine) { keys.app(of: $0) }
/// switch ingest.receive(request) {
/// case .notMine: next()
/// case .answered(let response): respond(response)
/// case .batch(let batch, let reply): respond(reply.stored(try await store(batch)))
/// }
/// ```
public final class Ingest: Sendable {
  let compiled: [CompiledCatalog]
  let indexOfApp: [String: Int]
  let doors: [String: Door]
  let pseudonyms: Pseudonyms
  let quarantine: Quarantine
  let appOfKey: @Sendable (String) -> String?
  /// Held while a large body is read.
  private let turnstile = Mutex(())

  /// A path that one catalog claims for itself.
  struct Door: Sendable {
    var app: Int
    /// The entry's mapping for each of its formats.
    var mappings: [Mapping]
  }

  /// Compiles the catalogs.
  ///
  /// - Parameters:
  ///   - catalogs: One of each app.
  ///   - pepper: The secret behind all pseudonyms.
  ///   - quarantine: Where what does not fit is counted.
  ///   - erased: Whose events are dropped in every period of a rotating identity.
  ///   - appOfKey: Finds the app a write key belongs to.
  /// - Throws: `IngestSetupError` when two catalogs cannot be told apart, such as by claiming one path.
  public init(
    catalogs: [Catalog], pepper: [UInt8], quarantine: Quarantine, erased: ErasedMarks = ErasedMarks(),
    appOfKey: @escaping @Sendable (String) -> String?
  ) throws(IngestSetupError) {
    compiled = catalogs.map(CompiledCatalog.init)
    var indexOfApp: [String: Int] = [:]
    for (index, catalog) in catalogs.enumerated() {
      guard indexOfApp[catalog.app] == nil else { throw IngestSetupError.appTwice(catalog.app) }
      indexOfApp[catalog.app] = index
    }
    self.indexOfApp = indexOfApp
    var doors: [String: (Door, entry: Int)] = [:]
    for (app, catalog) in compiled.enumerated() {
      let name = catalog.catalog.app
      for mapping in catalog.mappings {
        if mapping.format == .json, mapping.entry.paths.isEmpty {
          throw IngestSetupError.jsonWithoutPath(name)
        }
        for path in mapping.entry.paths {
          guard path.first == "/" else { throw IngestSetupError.pathIsNoPath(path, name) }
          let key = Self.normalized(path)
          guard VendorRoute(path: key, original: path) == nil else {
            throw IngestSetupError.pathIsOurs(path, name)
          }
          guard let known = doors[key] else {
            doors[key] = (Door(app: app, mappings: [mapping]), mapping.index)
            continue
          }
          if known.0.app == app, known.entry == mapping.index {
            if !known.0.mappings.contains(where: { $0 === mapping }) {
              doors[key]?.0.mappings.append(mapping)
            }
          } else {
            throw IngestSetupError.pathClaimedTwice(path, compiled[known.0.app].catalog.app, name)
          }
        }
      }
    }
    self.doors = doors.mapValues(\.0)
    pseudonyms = Pseudonyms(pepper: pepper, erased: erased)
    self.quarantine = quarantine
    self.appOfKey = appOfKey
  }

  /// Whether any format answers this request; the HTTP layer asks for limits and cross-origin rules.
  ///
  /// - Parameter headers: Field names in lower case. CloudEvents are known by them, whatever the path, and are
  ///   told that nobody takes them.
  public func claims(path: String, headers: [(name: String, value: String)] = []) -> Bool {
    let key = Self.normalized(path)
    return doors[key] != nil || VendorRoute(path: key, original: path) != nil || Self.isCloudEvents(headers)
  }

  /// Reads a request, admits its events, and says what to answer.
  ///
  /// What is read of a body can take several times its size, so large ones go one after the other.
  public func receive(_ request: IngestRequest) -> Received {
    guard request.body.count > 1 << 20 else { return read(request) }
    return turnstile.withLock { _ in read(request) }
  }

  private func read(_ request: IngestRequest) -> Received {
    if request.method == "POST", let answer = Self.notAccepted(request) { return .answered(answer) }
    let path = Self.normalized(request.path)
    if let door = doors[path] {
      // Another method at such a path may be a page: `GET /` is the dashboard, `POST /` is Jina.
      guard request.method == "POST" else { return .notMine }
      return receive(request, at: door)
    }
    guard let route = VendorRoute(path: path, original: request.path) else { return .notMine }
    switch route {
    case .native: return native(request)
    case .amplitude: return amplitude(request, door: nil)
    case .amplitudeIdentify(let isGroup): return amplitudeIdentify(request, isGroup: isGroup)
    case .batch(let hasSlash): return ambiguousBatch(request, hasSlash: hasSlash)
    case .jitsu(let call): return jitsu(request, call, door: nil)
    case .segment(let call, let dialect): return segment(request, call: call, dialect, door: nil)
    case .segmentSettings: return segmentSettings(request)
    case .posthog: return posthog(request, door: nil)
    case .posthogCapture: return posthogCapture(request)
    case .posthogStart(let start): return posthogStart(request, start)
    case .otlp: return otlp(request, door: nil)
    case .snowplow:
      return .answered(
        .text(404, "Snowplow is not accepted here; a tool's catalog may accept another format (see /catalog)")
      )
    }
  }

  /// The one form of a native user's identifier, whatever letter case or dashes it was written with.
  static func nativeText(_ text: String) -> [UInt8] {
    Array((Identifier128(text)?.description ?? text).utf8)
  }

  /// A path without the trailing slash that does not matter.
  public static func normalized(_ path: String) -> String {
    guard path.count > 1, path.hasSuffix("/") else { return path }
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
