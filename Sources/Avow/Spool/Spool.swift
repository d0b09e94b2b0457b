import CAvowShims
public import Synchronization

/// Holds what was recorded until it is delivered: mapped segments, appended to without a lock.
///
/// The recording thread does one fetch-add and copies its bytes. Everything else (making, sealing and
/// recycling segments, reading them, taking over those of dead processes) happens under a lock, and almost
/// always on the sender's thread.
@usableFromInline
final class Spool: @unchecked Sendable {
  // Unchecked: `state` is guarded by `monitor`, a lock that survives fork.

  /// 0: off. 1: on, but the next record has to see to a segment first. Else the current segment's word.
  /// The one thing a recording call looks at.
  @usableFromInline let current = Atomic<UInt>(0)

  static let segmentSize = 256 * 1024
  static let largestSegment = 4 * 1024 * 1024
  /// All segments of an app on this machine, of all its processes.
  static let bound = 4 * 1024 * 1024
  /// Where no file can be had.
  static let memoryBound = 1024 * 1024

  struct State {
    var mode = TelemetryMode.disabled
    /// Of the user's choice; what was recorded under another one is not sent.
    var epoch: UInt32 = 0
    /// Opened at the first event.
    var isOpen = false
    var hasRecorded = false
    var directory: StateDirectory?
    var folder: StateDirectory?
    var pseudonyms: Pseudonyms?
    var session: Identifier128?
    var processUser = Randomness.identifier()
    var context: [UInt8] = []
    var current: Segment?
    /// Prepared before the current one is full.
    var next: Segment?
    /// Full or given up, oldest first; not all delivered.
    var sealed: [Segment] = []
    /// Ready to be used again.
    var free: [Segment] = []
    /// What dead processes left.
    var adopted: [Segment] = []
    /// Wiped; still mapped, because a recording thread may have read the address a moment ago.
    var retired: [Segment] = []
    /// Dropped since the last segment was begun.
    var lost: UInt64 = 0
    /// Dropped in this process, for `status`.
    var lostInAll: UInt64 = 0
    /// The folder was full a moment ago; until then nobody looks again.
    var fullUntil: Duration?
    var period = ""
    var problem: String?
  }

  let monitor = Monitor()
  var state = State()
  /// Guarded by `ForkGuard`.
  var nextInProcess: Unmanaged<Spool>?
  let plan: SpoolPlan
  let clock: any TelemetryClock
  private let usesSystemClock: Bool
  private let hasUptime: Bool
  let isMuting: Bool
  /// Monotonic milliseconds when the program's telemetry began.
  private let started: Int64
  /// Opens the state directory, creating it; the reason why not otherwise.
  private let openDirectory: @Sendable () -> Result<StateDirectory, StateDirectory.Unavailable>
  private let probeContext: @Sendable () -> [UInt8]
  /// Values cut or refused since the program's start.
  @usableFromInline let trimmed = Atomic<Int>(0)
  /// Names and types of literals that nobody declared.
  let undeclared = Atomic<Int>(0)
  /// A retained `LiteralTable`, once a literal was recorded.
  let literals = Atomic<UnsafeMutableRawPointer?>(nil)
  private let signals: Signals

  /// What the spool tells the sender; called without the lock, but for `forked`.
  struct Signals: Sendable {
    /// The process's first event is about to be recorded.
    var firstEvent: @Sendable () -> Void
    /// A segment was filled.
    var rotated: @Sendable () -> Void
    /// This is a fork's child now.
    var forked: @Sendable () -> Void
    /// The state folder was opened; called with the lock held.
    var opened: @Sendable (StateDirectory) -> Void = { _ in }
  }

  init(
    plan: SpoolPlan, clock: any TelemetryClock,
    openDirectory: @escaping @Sendable () -> Result<StateDirectory, StateDirectory.Unavailable>,
    probeContext: @escaping @Sendable () -> [UInt8], signals: Signals
  ) {
    self.plan = plan
    self.clock = clock
    usesSystemClock = clock is SystemClock
    hasUptime = plan.uptimeField != nil
    isMuting = plan.muting.concernsEvents
    started = usesSystemClock ? avow_clock_monotonic() : clock.elapsed.milliseconds
    self.openDirectory = openDirectory
    self.probeContext = probeContext
    self.signals = signals
    ForkGuard.add(self)
  }

  deinit {
    ForkGuard.remove(self)
    // Files in which nothing waits go; the others are found by the next process.
    for segment in state.free + [state.next].compactMap({ $0 }) { segment.unlink() }
    if let table = literals.load(ordering: .acquiring) {
      Unmanaged<LiteralTable>.fromOpaque(table).release()
    }
  }

  /// Appends one event; its values are `count` bytes, zeros up to the word's end behind them.
  @usableFromInline
  func append(event: Int, values: UnsafePointer<UInt8>, count: Int) {
    if isMuting { return appendUnmuted(event, values, count) }
    put(event: event, values: values, count: count)
  }

  /// Leaves out what this run does not record.
  @inline(never)
  private func appendUnmuted(_ event: Int, _ values: UnsafePointer<UInt8>, _ count: Int) {
    guard !plan.muting.events.contains(event) else { return }
    guard let muted = plan.muting.fields(of: event) else {
      return put(event: event, values: values, count: count)
    }
    withUnsafeTemporaryAllocation(byteCount: count + 16, alignment: 8) { memory in
      guard let base = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      let left = Muting.copy(UnsafeRawBufferPointer(start: values, count: count), without: muted, to: base)
      put(event: event, values: base, count: left)
    }
  }

  @inline(__always)
  private func put(event: Int, values: UnsafePointer<UInt8>, count: Int) {
    let time = usesSystemClock ? avow_clock_coarse() : clock.now.milliseconds
    // 48 bits hold the years until 10889; a clock before 1970 counts as 1970.
    let head = UInt64(truncatingIfNeeded: event) << 48 | UInt64(time < 0 ? 0 : time) & 0xFFFF_FFFF_FFFF
    let size = SegmentLayout.size(count: count, hasUptime: hasUptime)
    var word = current.load(ordering: .acquiring)
    // Each turn ends in a record, in a new segment, or in a dropped event; two threads can race a few times.
    for _ in 0..<8 {
      if word > 1 {
        let capacity = 1 << Int(word & 63)
        if let base = UnsafeMutableRawPointer(bitPattern: word & ~4095) {
          let place = avow_fetch_add(base + SegmentLayout.reservedOffset, UInt64(size))
          if place <= UInt64(capacity - size), place >= UInt64(SegmentLayout.fixedLength) {
            write(base + Int(place), base, head, values, count, size)
            return
          }
          if place <= UInt64(capacity), place >= UInt64(SegmentLayout.fixedLength) {
            // Exactly one thread crosses the end: it knows where the last record ends.
            avow_store_release(base + SegmentLayout.sealedOffset, place)
          }
        }
      } else if word == 0 {
        return
      }
      word = rotate(from: word)
    }
    countOneLost()
  }

  /// Apart from `append`, which must not even prepare for looking at the guarded state.
  @inline(never)
  func countOneLost() { monitor.withLock { countLost(1) } }

  @inline(__always)
  private func write(
    _ record: UnsafeMutableRawPointer, _ base: UnsafeMutableRawPointer, _ head: UInt64,
    _ values: UnsafePointer<UInt8>, _ count: Int, _ size: Int
  ) {
    // Read after the place was had: that place belongs to this generation until it is written.
    let generation = base.load(fromByteOffset: SegmentLayout.generationOffset, as: UInt32.self)
    var sum = SegmentLayout.mix(head, 0)
    record.storeBytes(of: head, toByteOffset: 8, as: UInt64.self)
    var offset = 16
    var index = 1
    if hasUptime {
      let elapsed = usesSystemClock ? avow_clock_monotonic() : clock.elapsed.milliseconds
      let uptime = UInt64(truncatingIfNeeded: max(0, elapsed - started) / 1000)
      record.storeBytes(of: uptime, toByteOffset: 16, as: UInt64.self)
      sum &+= SegmentLayout.mix(uptime, 1)
      offset = 24
      index = 2
    }
    let source = UnsafeRawPointer(values)
    var at = 0
    while offset < size {
      let word = source.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      record.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
      sum &+= SegmentLayout.mix(word, index)
      offset &+= 8
      at &+= 8
      index &+= 1
    }
    avow_store_release(record, SegmentLayout.word(generation: generation, sum: sum, count: count))
  }

  @usableFromInline
  func countTrimmed(_ count: Int) { trimmed.wrappingAdd(count, ordering: .relaxed) }

  /// Puts a fresh segment in place of the one that was found full, unless another thread did.
  @inline(never)
  func rotate(from word: UInt) -> UInt {
    var isFirst = false
    var isNew = false
    let result = monitor.withLock { () -> UInt in
      let now = current.load(ordering: .acquiring)
      guard now == word, now > 0 else { return now }
      if !state.isOpen { open() }
      isFirst = !state.hasRecorded
      state.hasRecorded = true
      isNew = true
      return install()
    }
    if isFirst {
      signals.firstEvent()
    } else if isNew {
      signals.rotated()
    }
    return result
  }

  /// With the lock held, in a fork's child.
  func forked() { signals.forked() }

  /// With the lock held: drops events and remembers how many.
  func countLost(_ count: UInt64) {
    state.lost &+= count
    state.lostInAll &+= count
  }

  /// The folder with this app's state, once it was opened.
  var directory: StateDirectory? { monitor.withLock { state.directory } }

  /// Opens the state so that what others left can be sent, also when nothing was recorded here.
  func openForDelivery() {
    monitor.withLock { if !state.isOpen { open() } }
  }

  /// With the lock held: opens what the first event needs.
  private func open() {
    state.isOpen = true
    if plan.identity.session == .process, state.session == nil { state.session = Randomness.identifier() }
    state.context = unmuted(probeContext())
    switch openDirectory() {
    case .success(let directory):
      state.directory = directory
      signals.opened(directory)
      state.folder = directory.folder("spool", creating: true)
      if plan.identity.user == .installation { readPseudonyms(directory) }
    case .failure(let unavailable):
      state.problem = unavailable.reason
    }
  }

  private func unmuted(_ context: [UInt8]) -> [UInt8] {
    guard !plan.muting.context.isEmpty else { return context }
    return [UInt8](unsafeUninitializedCapacity: context.count + 8) { buffer, filled in
      filled = context.withUnsafeBytes { values in
        buffer.baseAddress.map { Muting.copy(values, without: plan.muting.context, to: $0) } ?? 0
      }
    }
  }

  private func readPseudonyms(_ directory: StateDirectory) {
    if let bytes = directory.read(Pseudonyms.fileName), let known = Pseudonyms(parsing: bytes) {
      state.pseudonyms = known
      return
    }
    let drawn = Pseudonyms(created: clock.now)
    // Two processes may draw at once: what is in the file afterwards is what both use.
    directory.write(Pseudonyms.fileName, drawn.bytes)
    state.pseudonyms = directory.read(Pseudonyms.fileName).flatMap(Pseudonyms.init(parsing:))
  }
}
