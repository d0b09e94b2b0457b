/// Consent as a running program has it: found at the start, looked at again at each tick, changed by the
/// user.
extension Engine {
  /// What the sources say now.
  struct Findings: Equatable {
    var decision: ConsentDecision
    /// Of the stored choice; what was recorded under another one is not sent.
    var epoch: UInt32 = 0
    /// The day last counted for a catalog that nobody was shown.
    var countedDay: Int?
  }

  var decision: ConsentDecision { monitor.withLock { decided.decision } }

  /// Asks all sources; files only when no variable has already switched this process off.
  ///
  /// Returns the state folder besides, when there is one and it was looked at.
  static func decide(_ catalog: Catalog, _ environment: TelemetryEnvironment)
    -> (findings: Findings, state: StateDirectory?)
  {
    var sources = ConsentSources(policy: .notRead, choice: .notRead)
    for variable in catalog.consent.variables {
      sources.variables[variable.name] = environment.value(variable.name)
    }
    sources.continuousIntegration = ContinuousIntegration.vendor(environment.value)
    if ConsentDecision.isOffForThisProcess(catalog.consent, sources) {
      return (Findings(decision: ConsentDecision.decide(catalog.consent, sources)), nil)
    }
    sources.policy = .absent
    if let path = environment.policyPath {
      switch StateDirectory.SystemFile(path: path) {
      case .absent: break
      case .unreadable: sources.policy = .unclear
      case .bytes(let bytes): sources.policy = .init(policy: bytes, app: catalog.app)
      }
    }
    sources.choice = .absent
    var epoch: UInt32 = 0
    let state = environment.statePath(app: catalog.app).flatMap {
      try? StateDirectory(path: $0, creating: false)
    }
    if let bytes = state?.read(StoredChoice.fileName, limit: 256) {
      sources.choice = .init(choice: bytes)
      epoch = StoredChoice(parsing: bytes)?.epoch ?? 0
    }
    return (Findings(decision: ConsentDecision.decide(catalog.consent, sources), epoch: epoch), state)
  }

  /// Looks again at what may have changed while the program runs, and acts on it.
  func refreshConsent() {
    guard !decision.isForThisProcessOnly else { return }
    let now = Engine.decide(catalog, environment).findings
    monitor.withLock {
      decided.decision = now.decision
      decided.epoch = now.epoch
    }
    spool.setMode(now.decision.mode, epoch: now.epoch)
  }

  /// Keeps the user's choice; returns whether it could be kept.
  func store(_ mode: TelemetryMode) -> Bool {
    guard let path = environment.statePath(app: catalog.app),
      let directory = try? StateDirectory(path: path, creating: true)
    else { return false }
    let old = directory.read(StoredChoice.fileName, limit: 256)
    let parsed = old.flatMap(StoredChoice.init(parsing:))
    let choice = StoredChoice(
      mode, after: parsed, wasUnclear: old != nil && parsed == nil, seconds: clock.now.milliseconds / 1000)
    guard directory.write(StoredChoice.fileName, choice.bytes) else { return false }
    // Who switches it on has been told what the catalog says now.
    if mode == .enabled {
      Engine.remember(.shown, catalog, digest: catalog.digest, clock.now.day, in: directory)
    }
    refreshConsent()
    if mode == .disabled, let folder = directory.folder("spool", creating: false) { Spool.wipe(folder) }
    return true
  }

  // MARK: Asking

  /// Whether the answer is still the user's to give: nobody spoke, and the catalog says `ask`.
  private var isOpenQuestion: Bool {
    catalog.consent.default == .ask && decision.trace.last?.says != nil
  }

  /// Asks once; returns what holds then.
  func ask() -> TelemetryMode {
    let terminal = environment.terminal
    guard isOpenQuestion, ContinuousIntegration.vendor(environment.value) == nil, terminal.canAnswer() else {
      return decision.mode
    }
    let whom = catalog.recipient.map { " to \($0.name)" } ?? ""
    terminal.print("May \(catalog.name) report how it is used\(whom)? [y/N] ")
    let line = terminal.readLine()?.lowercased() ?? ""
    let answer = PlainText.words(line[...], between: PlainText.blanks).first ?? ""
    _ = store(answer == "y" || answer == "yes" ? .enabled : .disabled)
    return decision.mode
  }

  // MARK: What was shown

  /// Compares the catalog with the one the user was shown; looks at files only when telemetry is on.
  static func acquaint(
    _ catalog: Catalog, digest: String, _ environment: TelemetryEnvironment, _ decision: ConsentDecision,
    _ directory: StateDirectory?, day: Int, isNoticePrinted: Bool
  ) -> Acquaintance {
    guard decision.mode > .disabled else { return Acquaintance() }
    let shown = directory?.read(ShownCatalog.fileName).flatMap(ShownCatalog.init(parsing:))
    let standing = ShownCatalog.standing(of: catalog, digest: digest, to: shown)
    var pending: ShownCatalog.Pending?
    if case .wider = standing {
      pending = directory?.read(ShownCatalog.pendingName).flatMap(ShownCatalog.Pending.init(parsing:))
    }
    return Acquaintance(
      standing, pending: pending, catalog: catalog, digest: digest, day: day,
      isSeen: isNoticePrinted && environment.terminal.isSeen(), isOptIn: catalog.consent.default != .enabled)
  }

  static func remember(
    _ deed: Acquaintance.Deed, _ catalog: Catalog, digest: String, _ day: Int, in directory: StateDirectory
  ) {
    switch deed {
    case .nothing: break
    case .shown:
      directory.write(ShownCatalog.fileName, ShownCatalog(catalog, digest: digest).bytes)
      directory.remove(ShownCatalog.pendingName)
    case .countDay:
      let old = directory.read(ShownCatalog.pendingName).flatMap(ShownCatalog.Pending.init(parsing:))
      let now = ShownCatalog.Pending(adding: day, digest: digest, to: old)
      if now != old { directory.write(ShownCatalog.pendingName, now.bytes) }
    }
  }

  /// A service that runs for days without a terminal lives through several days of one run.
  func countDay() {
    guard case .countDay = acquaintance.deed, let directory = spool.directory else { return }
    let day = clock.now.day
    let isNew = monitor.withLock {
      defer { decided.countedDay = day }
      return decided.countedDay != day
    }
    if isNew { Engine.remember(.countDay, catalog, digest: catalog.digest, day, in: directory) }
  }
}
