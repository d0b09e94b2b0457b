import CAvowShims
import Synchronization

/// The child of a short-lived program that sends what its runs recorded: the program itself, started again, or
/// a helper of its maker's.
///
/// Only a program that called `Telemetry.main` is started again, because only that call keeps the child from
/// doing the program's work a second time.
enum SenderChild {
  /// Holds the app's name in the child's environment.
  static let variable = "AVOW_SENDER"
  static let lockName = "sender.lock"
  static let stampName = "sender"
  /// Seconds.
  static let day: Int64 = 86_400
  static let hour: Int64 = 3_600
  /// So many segments of short runs are a megabyte.
  static let manySegments = 64

  /// Whether this process called `Telemetry.main`.
  static let hasHook = Atomic<Bool>(false)

  /// The app this process is to send for, when it is such a child: it leads a session of its own, so a
  /// variable that somebody's shell happens to have does not count.
  static func app(_ environment: TelemetryEnvironment) -> String? {
    guard environment.isOfProcess, avow_leads_session() else { return nil }
    return environment.trustedValue(variable)
  }

  /// Whether the spool is old or large enough, and the last child long enough ago.
  static func isDue(_ segments: [SegmentName], lastStart: Int64?, now: Int64) -> Bool {
    guard let oldest = segments.map(\.made).min() else { return false }
    let isLarge = segments.count >= manySegments
    // What seems to come from the future was made before the clock was put back.
    guard isLarge || oldest <= now - day || oldest > now + day else { return false }
    guard let lastStart, lastStart <= now else { return true }
    return now - lastStart >= (isLarge ? hour : day)
  }
}

extension Engine {
  /// At the start of a short-lived program: lets a child send what earlier runs left, when it is due.
  func startSenderIfDue() {
    guard lifetime == .command, environment.isOfProcess,
      helper != nil || SenderChild.hasHook.load(ordering: .relaxed),
      decision.mode == .enabled, destination != nil, environment.trustedValue("AVOW_DEBUG") != "print",
      !avow_is_privileged(), environment.value(SenderChild.variable) == nil,
      let directory = environment.statePath(app: catalog.app)
        .flatMap({ try? StateDirectory(path: $0, creating: false) }),
      let folder = directory.folder("spool", creating: false)
    else { return }
    let now = clock.now.milliseconds / 1000
    let stamp = directory.read(SenderChild.stampName, limit: 64)
    let last = stamp.flatMap { stateWords($0).first.flatMap { PlainText.number($0[...]) } }
    guard SenderChild.isDue(folder.names.compactMap(SegmentName.init), lastStart: last, now: now),
      // Without the stamp every run would start one.
      directory.write(SenderChild.stampName, Array("\(now)\n".utf8))
    else { return }
    if !avow_spawn_sender(helper, "\(SenderChild.variable)=\(catalog.app)") {
      monitor.withLock { senderProblem = "the program that sends could not be started" }
    }
  }

  /// In the child: sends what is there, once, and once more a little later if the network does not answer.
  func sendAsChild() {
    guard decision.mode == .enabled else { return }
    spool.openForDelivery()
    guard let directory = spool.directory else { return }
    var lock = directory.open(SenderChild.lockName, creating: false)
    if lock < 0 { lock = directory.open(SenderChild.lockName, creating: true) }
    // Held until the process ends.
    guard lock >= 0, StateDirectory.lockFile(lock) else { return }
    spool.adopt()
    if sender.deliver(isAsked: true) { return }
    avow_sleep(5_000)
    _ = sender.deliver(isAsked: true)
  }
}

extension Telemetry {
  /// Lets a short-lived program send: call it first in `main`, before anything else is done.
  ///
  /// ```swift
  /// Telemetry.main(Speedster.self, version: "0.4.0")
  /// let telemetry = Telemetry(Speedster.self, version: "0.4.0", lifetime: .command)
  /// ```
  /// When what earlier runs recorded is a day old, or much, the program starts itself once more, detached
  /// from the terminal and without arguments; in that child this call sends and does not return. In every
  /// other process it returns at once. Give it the destination and transport that `Telemetry` gets.
  ///
  /// A program that cannot call it first, such as a script, names a `helper` to `Telemetry`: a program whose
  /// only line this call is.
  public static func main(
    _ declared: Declared.Type, version: String, destination: Destination? = nil,
    transport: (any Transport)? = nil
  ) {
    SenderChild.hasHook.store(true, ordering: .relaxed)
    let environment = TelemetryEnvironment.process
    guard SenderChild.app(environment) == declared.catalog.app else { return }
    let path = environment.statePath(app: declared.catalog.app)
    avow_detach(path?.hasPrefix("/") ?? true)
    let engine = Engine(
      catalog: declared.catalog, digest: declared.digest, version: version, lifetime: .command,
      hostContext: { _ in }, environment: environment, destination: destination,
      layout: { declared.layout(of: $0) }, clock: .system, transport: transport, isSender: true)
    engine.sendAsChild()
    avow_leave()
  }
}
