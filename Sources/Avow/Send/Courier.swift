/// Takes events from the spool and brings them to the destination; one at work at a time.
final class Courier: @unchecked Sendable {
  // Unchecked: guarded by `monitor`.
  static let batchLimit = 500
  static let timeout: Duration = .seconds(30)

  /// What was sent so far, for `status`.
  struct Tally: Sendable, Equatable {
    var requests = 0
    var accepted = 0
    var duplicates = 0
    var refused = 0
    var lastFailure: String?
  }

  /// Held for a whole delivery, requests included.
  private let turn = Monitor()
  /// Held for moments only, so that whoever asks for the status never waits for the network.
  private let monitor = Monitor()
  private let spool: Spool
  private let clock: any TelemetryClock
  private let transport: any Transport
  private let destination: Destination?
  /// Made with the first batch or preview, which hold `monitor`; most short runs need none.
  private lazy var encoder =
    destination?.encoder(for: catalog) ?? Destination(url: "").encoder(for: catalog)
  private let catalog: Catalog
  /// Shows a body instead of sending it (`AVOW_DEBUG=print`).
  private let show: (@Sendable (String) -> Void)?
  private let log: @Sendable (SentRecord) -> Void

  private var counts = Tally()
  private var dispatch = Dispatch()
  /// What `dispatch` is about.
  private var batch: Spool.Batch?

  init(
    spool: Spool, clock: any TelemetryClock, transport: any Transport, destination: Destination?,
    catalog: Catalog, show: (@Sendable (String) -> Void)?, log: @escaping @Sendable (SentRecord) -> Void
  ) {
    self.spool = spool
    self.clock = clock
    self.transport = transport
    self.destination = destination
    self.catalog = catalog
    self.show = show
    self.log = log
  }

  var tally: Tally { monitor.withLock { counts } }
  var isNetworkDown: Bool { monitor.withLock { dispatch.retry.isNetworkDown } }

  /// Sends what waits; returns whether nothing is left.
  ///
  /// - Parameter isAsked: somebody waits for it, so pauses after failures do not count.
  @discardableResult
  func deliver(isAsked: Bool = false) -> Bool {
    turn.withLock {
      guard destination != nil || show != nil else { return spool.nextBatch(limit: 1) == nil }
      // Looked at before the spool, which is read for nothing while it may not be sent.
      guard monitor.withLock({ dispatch.retry.allows(at: clock.elapsed, isAsked: isAsked) }) else {
        return false
      }
      while true {
        switch nextAction(isAsked: isAsked) {
        case .finished: return true
        case .wait: return false
        case .send(let part): guard attempt(part) else { return false }
        }
      }
    }
  }

  /// Returns the body that would be sent next; `nil` when nothing waits.
  func preview() -> [UInt8]? {
    monitor.withLock {
      if let part = dispatch.parts.first, let batch, spool.holds(batch) { return body(of: part) }
      guard let report = spool.nextBatch(limit: Self.batchLimit)?.report else { return nil }
      return encoder.parts(of: report, sent: clock.now, limit: dispatch.ceiling).parts.first?.body
    }
  }

  /// Returns all bodies that wait, the next one first.
  func previews() -> [[UInt8]] {
    monitor.withLock {
      var waiting = spool.waiting(limit: Self.batchLimit)
      var bodies: [[UInt8]] = []
      if let batch, !dispatch.parts.isEmpty, spool.holds(batch) {
        bodies = dispatch.parts.map { body(of: $0) }
        // What follows it in its segment was read together with it; it was the first.
        if waiting.first?.segment === batch.segment { waiting.removeFirst() }
      }
      return bodies
        + waiting.flatMap { encoder.parts(of: $0.report, sent: clock.now, limit: dispatch.ceiling).parts }
        .map(\.body)
    }
  }

  private func nextAction(isAsked: Bool) -> Dispatch.Action {
    monitor.withLock {
      // The spool may have been wiped, or the segment dropped, while it waited.
      if let batch, !spool.holds(batch) { forget() }
      while dispatch.parts.isEmpty {
        if let batch {
          spool.acknowledge(batch)
          self.batch = nil
        }
        guard let next = spool.nextBatch(limit: Self.batchLimit) else { return .finished }
        let (parts, tooLarge) = encoder.parts(of: next.report, sent: clock.now, limit: dispatch.ceiling)
        if !tooLarge.isEmpty {
          counts.refused += tooLarge.count
          counts.lastFailure = "an event is too large for the format"
        }
        batch = next
        dispatch.begin(parts.map { Dispatch.Part(report: $0.report, body: $0.body) })
      }
      return dispatch.action(at: clock.elapsed, isAsked: isAsked)
    }
  }

  private func forget() {
    dispatch.drop()
    batch = nil
  }

  /// Makes one attempt; returns whether another may follow at once.
  private func attempt(_ part: Dispatch.Part) -> Bool {
    let body = body(of: part)
    if let show {
      show(String(decoding: body, as: UTF8.self))
      monitor.withLock { _ = dispatch.answered(.delivered(accepted: 0), at: clock.elapsed, random: 0) }
      return true
    }
    guard let destination else { return false }
    let request = destination.request(
      encoder, body: body, sent: clock.now, compress: transport.takesCompressed)
    monitor.withLock { counts.requests += 1 }
    // Without the lock: this may take as long as the time-out.
    let result = transport.send(request, timeout: Self.timeout)
    let random = Double(Randomness.word() >> 11) / Double(1 << 53)
    let (outcome, status) = monitor.withLock { () -> (Dispatch.Outcome, Int?) in
      // Wiped meanwhile: what came back is about nothing any more.
      guard dispatch.parts.first?.report == part.report else { return (Dispatch.Outcome(), nil) }
      let outcome: Dispatch.Outcome
      var status: Int?
      switch result {
      case .failure(let reason): outcome = dispatch.failed(reason, at: clock.elapsed, random: random)
      case .answer(let code, let retryAfter, let answer):
        status = code
        outcome = dispatch.answered(
          encoder.verdict(status: code, body: answer, for: part.report), retryAfter: retryAfter,
          at: clock.elapsed, random: random)
      }
      counts.accepted += outcome.accepted
      counts.duplicates += outcome.duplicates
      counts.refused += outcome.refused
      counts.lastFailure = outcome.failure
      return (outcome, status)
    }
    if outcome.isSettled, let status {
      log(SentRecord(part.report, time: clock.now, status: status, body: body, receipt: outcome.receipt))
    }
    return outcome.goesOn
  }

  private func body(of part: Dispatch.Part) -> [UInt8] {
    if let body = part.body, !encoder.tellsTimeOfSending { return body }
    return encoder.body(of: part.report, sent: clock.now)
  }
}
