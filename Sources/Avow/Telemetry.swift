import CAvowShims
public import Synchronization

/// Records what a tool's catalog declares, and nothing else.
///
/// ```swift
/// let telemetry = Telemetry(Evidently.self, version: "0.4.2", lifetime: .service)
/// telemetry.record(.listReports(reportsCount: 19))
/// ```
/// Making the value decides about consent and prints the notice; nothing else happens before the first
/// event. Nothing here throws, blocks or ends the program: a host with broken telemetry behaves like one
/// without. Keep one value for the life of the program; copies are the same telemetry.
// A structure: making a class for each catalog's types would be a fifth of what starting costs.
public struct Telemetry<Declared: DeclaredCatalog>: Sendable {
  @usableFromInline let spool: Spool
  let engine: Engine

  /// Creates the telemetry of a program.
  ///
  /// - Parameters:
  ///   - declared: What `avow generate swift` wrote.
  ///   - version: The program's own version.
  ///   - context: The declared context that only the program knows.
  ///   - destination: Instead of the catalog's; `AVOW_URL`, `AVOW_FORMAT` and `AVOW_KEY` override both.
  ///   - transport: Instead of plain sockets and libcurl.
  ///   - notice: Where the user's sentence goes.
  ///   - helper: The program that sends for a `.command` which cannot begin with `Telemetry.main`: an absolute
  ///     path, or one seen from this program's folder. All it has to do is to call that.
  public init(
    _ declared: Declared.Type, version: String, lifetime: TelemetryLifetime,
    context: Declared.Context = .init(), environment: TelemetryEnvironment = .process,
    destination: Destination? = nil, clock: any TelemetryClock = .system,
    transport: (any Transport)? = nil, notice: TelemetryNotice = .standardError, helper: String? = nil
  ) {
    // Started to send, and the program never called `Telemetry.main`: better nothing than its work twice.
    if SenderChild.app(environment) != nil { avow_leave() }
    let catalog = declared.catalog
    engine = Engine(
      catalog: catalog, digest: declared.digest, version: version, lifetime: lifetime,
      hostContext: { context.encode(into: &$0) }, environment: environment, destination: destination,
      layout: { declared.layout(of: $0) }, clock: clock, transport: transport,
      isNoticePrinted: notice.isPrinted, helper: helper)
    spool = engine.spool
    notice.announce(catalog, engine.decision.mode, engine.acquaintance)
  }

  /// Records one event; never blocks, throws, or waits for the network.
  ///
  /// Inlined so that the event's encoding is specialised at the call: about as much work as copying it.
  /// Up to a kilobyte it allocates nothing.
  @inlinable
  public func record(_ event: Declared.Event) {
    guard spool.current.load(ordering: .relaxed) != 0 else { return }
    let isDone = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { memory -> Bool in
      guard let base = memory.baseAddress else { return true }
      var encoder = EventEncoder(base.assumingMemoryBound(to: UInt8.self), capacity: 1024)
      event.encode(into: &encoder)
      guard !encoder.overflowed else { return false }
      spool.append(&encoder)
      return true
    }
    if !isDone { recordLarge(event) }
  }

  /// An event larger than the stack is to bear; beyond 60 KB its last values are left out.
  @usableFromInline
  @inline(never)
  func recordLarge(_ event: Declared.Event) {
    let capacity = 60 * 1024
    withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { memory in
      guard let base = memory.baseAddress else { return }
      var encoder = EventEncoder(base.assumingMemoryBound(to: UInt8.self), capacity: capacity)
      event.encode(into: &encoder)
      if encoder.overflowed { encoder.trimmed += 1 }
      spool.append(&encoder)
    }
  }

  /// Sends what is spooled and waits for the end of that; `false` when something is left.
  ///
  /// For short programs that ask for it; others need not call it, because nothing recorded is lost.
  @discardableResult
  public func flush(timeout: Duration) -> Bool { engine.flush(timeout: timeout) }

  /// What happens to what is recorded, and why.
  public var status: TelemetryStatus { engine.status }
}

extension Spool {
  @inlinable @inline(__always)
  func append(_ encoder: inout EventEncoder) {
    encoder.finish()
    append(event: encoder.event, values: encoder.base, count: encoder.position)
    if encoder.trimmed != 0 { countTrimmed(encoder.trimmed) }
  }
}
