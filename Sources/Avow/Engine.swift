import Synchronization

/// Everything behind a `Telemetry` value that does not depend on its catalog's types.
@usableFromInline
final class Engine: @unchecked Sendable {
  // Unchecked: what changes is guarded by `monitor`.
  let catalog: Catalog
  let environment: TelemetryEnvironment
  let clock: any TelemetryClock
  let destination: Destination?
  /// What the host said instead of the catalog.
  let givenDestination: Destination?
  let lifetime: TelemetryLifetime
  /// The program that sends for short-lived ones; `nil`: this one, started again.
  let helper: String?
  /// Guarded by `monitor`.
  var senderProblem: String?
  let spool: Spool
  let transport: any Transport
  /// The spool's own: a fork handler takes it, so the child finds what it guards whole.
  var monitor: Monitor { spool.monitor }
  private var courier: Courier
  /// Guarded by `monitor`.
  var decided: Findings
  /// What this run leaves out because its user was not shown it.
  let acquaintance: Acquaintance
  private var ticker: (any Ticker)?
  private var nextAdoption: Duration = .zero
  private let box: WeakEngine

  init(
    catalog: Catalog, digest: String, version: String, lifetime: TelemetryLifetime,
    hostContext: @escaping @Sendable (inout EventEncoder) -> Void, environment: TelemetryEnvironment,
    destination: Destination?, layout: (Catalog.Delivery.Format) -> WireLayout? = { _ in nil },
    clock: any TelemetryClock, transport: (any Transport)?, isNoticePrinted: Bool = true,
    helper: String? = nil, isSender: Bool = false
  ) {
    self.catalog = catalog
    self.environment = environment
    self.clock = clock
    self.lifetime = lifetime
    self.helper = helper
    givenDestination = destination
    self.destination = Destination.resolve(catalog, given: destination, environment, layout: layout)
    self.transport = transport ?? SystemTransport()
    let (found, state) = Engine.decide(catalog, environment)
    decided = found
    // A child that only sends records nothing and shows nothing.
    let acquaintance =
      isSender
      ? Acquaintance()
      : Engine.acquaint(
        catalog, digest: digest, environment, found.decision, state, day: clock.now.day,
        isNoticePrinted: isNoticePrinted)
    self.acquaintance = acquaintance
    let isService = lifetime == .service
    let expired = Expiry.expired(catalog, version: version, day: clock.now.day)
    let plan = SpoolPlan(
      catalog, digest: digest, firstCapacity: isService ? Spool.segmentSize : 16 * 1024,
      muting: Muting(acquaintance.widening, expired: expired, catalog))
    let box = WeakEngine()
    self.box = box
    let probe = HostProbe(appVersion: version, environment: environment)
    let fields = catalog.context
    let path = environment.statePath(app: catalog.app)
    spool = Spool(
      plan: plan, clock: clock,
      openDirectory: {
        guard let path else { return .failure(.init(reason: "there is no home")) }
        do throws(StateDirectory.Unavailable) {
          return .success(try StateDirectory(path: path, creating: true))
        } catch { return .failure(error) }
      },
      probeContext: { probe.context(fields, host: hostContext) },
      signals: Spool.Signals(
        firstEvent: { if isService { box.engine?.startTicker() } }, rotated: { box.engine?.wake() },
        forked: { box.engine?.beginAsChild() },
        opened: { Engine.remember(acquaintance.deed, catalog, digest: digest, clock.now.day, in: $0) }))
    courier = Engine.makeCourier(
      spool, clock, self.transport, self.destination, environment, catalog)
    box.engine = self
    spool.setMode(found.decision.mode, epoch: found.epoch)
    if !isSender { startSenderIfDue() }
  }

  deinit { ticker?.stop() }

  private static func makeCourier(
    _ spool: Spool, _ clock: any TelemetryClock, _ transport: any Transport, _ destination: Destination?,
    _ environment: TelemetryEnvironment, _ catalog: Catalog
  ) -> Courier {
    let isShown = environment.trustedValue("AVOW_DEBUG") == "print"
    return Courier(
      spool: spool, clock: clock, transport: transport, destination: destination, catalog: catalog,
      show: isShown ? TelemetryNotice.standardError.print : nil,
      log: { [weak spool] record in spool?.directory?.append(Engine.logName, record.bytes + [10]) })
  }

  static let logName = "log.ndjson"

  var sender: Courier { monitor.withLock { courier } }

  // MARK: The sender

  private func startTicker() {
    monitor.withLock {
      guard ticker == nil else { return }
      let box = self.box
      let every = Duration.milliseconds(max(100, catalog.delivery.everyMilliseconds))
      ticker = clock.start(every: every) { box.engine?.tick(isAsked: box.takeRequest()) }
    }
  }

  private func wake() { monitor.withLock { ticker }?.wake() }

  /// With the spool's lock held, in a fork's child: the sender's thread is the parent's.
  private func beginAsChild() {
    // The old courier's lock may be held by a thread that is not here, so there is a new one.
    ticker = nil
    nextAdoption = .zero
    courier = Engine.makeCourier(spool, clock, transport, destination, environment, catalog)
  }

  /// One look: at consent, at the pseudonym's period, for room, for what others left, for events to send.
  func tick(isAsked: Bool = false) {
    refreshConsent()
    guard decision.mode > .disabled else { return }
    countDay()
    spool.drainCounters()
    refreshSeries()
    spool.rotateUser()
    if let segment = spool.monitor.withLock({ spool.prepareNext() }) { segment.prefault() }
    guard decision.mode == .enabled else { return }
    // Only this thread, the sender's, looks at the time of the next adoption.
    if clock.elapsed >= nextAdoption || isAsked {
      nextAdoption = clock.elapsed + .seconds(60)
      spool.openForDelivery()
      spool.adopt()
    }
    sender.deliver(isAsked: isAsked)
  }

  /// Sends what is spooled and waits; `false` when something is left or the time is over.
  func flush(timeout: Duration) -> Bool {
    guard decision.mode == .enabled else { return true }
    startTicker()
    box.ask()
    guard let ticker = monitor.withLock({ ticker }), ticker.runNow(timeout: timeout) else { return false }
    return spool.nextBatch(limit: 1) == nil
  }
}

/// Lets closures that outlive an engine find it while it is there.
private final class WeakEngine: @unchecked Sendable {
  // Unchecked: set once, before anybody else sees it; reading a weak reference is safe.
  weak var engine: Engine?
  private let isAsked = Atomic<Bool>(false)

  func ask() { isAsked.store(true, ordering: .releasing) }
  func takeRequest() -> Bool { isAsked.exchange(false, ordering: .acquiringAndReleasing) }
}
