import Synchronization

/// The user's view of the engine.
extension Engine {
  var status: TelemetryStatus {
    let decision = self.decision
    let sender = self.sender
    let tally = sender.tally
    let isNetworkDown = sender.isNetworkDown
    let known = pseudonyms
    return spool.monitor.withLock {
      let state = spool.state
      let user: Identifier128? =
        switch catalog.identity.user {
        case .installation: known?.user(catalog.identity.rotate, at: clock.now)
        case .process: state.processUser
        case .none: nil
        }
      return TelemetryStatus(
        name: catalog.name, mode: decision.mode, decision: decision, user: user, session: state.session,
        destination: destination?.url, format: destination?.format,
        stateFolder: environment.statePath(app: catalog.app),
        requests: tally.requests, accepted: tally.accepted, duplicates: tally.duplicates,
        refused: tally.refused, lost: Int(clamping: state.lostInAll),
        trimmed: spool.trimmed.load(ordering: .relaxed),
        undeclared: spool.undeclared.load(ordering: .relaxed), isNetworkDown: isNetworkDown,
        problem: state.problem.map { "events are held in memory only: the state folder \($0)" }
          ?? Destination.problem(catalog, given: givenDestination, environment) ?? senderProblem
          ?? tally.lastFailure)
    }
  }

  /// The identity on disk; looked at, never made. Not at all when this process is switched off.
  private var pseudonyms: Pseudonyms? {
    guard !decision.isForThisProcessOnly, catalog.identity.user == .installation else { return nil }
    return storedPseudonyms
  }

  private var storedPseudonyms: Pseudonyms? {
    existingState?.read(Pseudonyms.fileName).flatMap(Pseudonyms.init(parsing:))
  }

  private var existingState: StateDirectory? {
    environment.statePath(app: catalog.app).flatMap { try? StateDirectory(path: $0, creating: false) }
  }

  var log: [SentRecord] {
    guard let directory = existingState else { return [] }
    return [Engine.logName + ".old", Engine.logName].flatMap { name in
      let text = String(decoding: directory.read(name) ?? [], as: UTF8.self)
      return PlainText.words(text[...], between: "\n").compactMap { SentRecord(parsing: Array($0.utf8)) }
    }
  }

  /// The body that would be sent next, by the function that makes it.
  func preview() -> [UInt8]? {
    lookAtSpool()
    return decision.mode == .enabled ? sender.preview() : sender.previews().first
  }

  func previews() -> [[UInt8]] {
    lookAtSpool()
    return sender.previews()
  }

  /// How many events wait on this machine.
  var waitingEvents: Int {
    lookAtSpool()
    return spool.waiting(limit: Courier.batchLimit).reduce(0) { $0 + $1.report.events.count }
  }

  /// Also what earlier runs left is to be seen; no folder is made for looking.
  private func lookAtSpool() {
    guard decision.mode > .disabled else { return }
    if existingState != nil { spool.openForDelivery() }
    if decision.mode == .enabled { spool.adopt() }
    spool.drainCounters()
  }

  /// All names this user ever had towards the collector, oldest first.
  var allPseudonyms: [Identifier128] {
    guard catalog.identity.user == .installation, let known = storedPseudonyms else { return [] }
    return known.all(catalog.identity.rotate, until: clock.now)
  }

  /// Notices that the user had his data erased from another process.
  func refreshSeries() {
    guard catalog.identity.user == .installation, let directory = spool.directory,
      let known = directory.read(Pseudonyms.fileName).flatMap(Pseudonyms.init(parsing:)),
      spool.monitor.withLock({ spool.state.pseudonyms.map { $0 != known } ?? false })
    else { return }
    spool.beginSeries(known)
  }

  func forget(timeout: Duration) -> ForgetOutcome {
    guard catalog.identity.user == .installation, let directory = existingState, let known = storedPseudonyms
    else { return .nothingToForget }
    guard let destination else { return .failed("no address is declared") }
    guard destination.format == .avow else {
      return .failed("a collector of the format \(destination.format.rawValue) takes no such request")
    }
    let users = allPseudonyms
    let body = NativeRequest.deletion(app: catalog.app, users: users)
    let request = destination.request(
      NativeRequest.deletionsPath, body: body, sent: nil, compress: transport.takesCompressed)
    switch transport.send(request, timeout: timeout) {
    case .failure(let reason): return .failed(reason)
    case .answer(let status, _, _) where !(200..<300).contains(status):
      return .failed("the collector answered \(status)")
    case .answer: break
    }
    // What is recorded from now on is under a name that nobody can link to the erased ones.
    var next = known
    next.series += 1
    directory.write(Pseudonyms.fileName, next.bytes)
    spool.beginSeries(next)
    // What dead processes left is under the erased names.
    if let folder = directory.folder("spool", creating: false) { Spool.wipe(folder) }
    return .requested(identifiers: users.count)
  }
}

extension Spool {
  /// Goes on under new pseudonyms; what was spooled under the old ones is wiped.
  func beginSeries(_ pseudonyms: Pseudonyms) {
    monitor.withLock {
      retireCurrent()
      for segment in state.sealed + state.adopted {
        segment.invalidate()
        segment.unlink()
      }
      state.retired += state.sealed
      state.sealed = []
      state.adopted = []
      state.pseudonyms = pseudonyms
      state.session = state.session.map { _ in Randomness.identifier() }
    }
  }
}
