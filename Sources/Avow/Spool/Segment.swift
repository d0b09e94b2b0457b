import CAvowShims

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Mapped memory with a header and records: a file of the spool, or memory where no file can be had.
final class Segment: @unchecked Sendable {
  // Unchecked: the words that move are atomic, the rest is guarded by the spool's lock.
  let base: UnsafeMutableRawPointer
  let capacity: Int
  /// The file's name in the spool's folder; `nil` for memory.
  let name: String?
  /// -1 for memory, and in a fork's child once it let go of what is its parent's.
  private var file: Int32
  private let folder: StateDirectory?
  var header: SegmentHeader?

  private init(
    base: UnsafeMutableRawPointer, capacity: Int, name: String?, file: Int32, folder: StateDirectory?
  ) {
    self.base = base
    self.capacity = capacity
    self.name = name
    self.file = file
    self.folder = folder
  }

  deinit {
    avow_unmap(base, capacity)
    if file >= 0 { close(file) }
  }

  /// Makes a segment in memory, lost with the process.
  static func inMemory(capacity: Int) -> Segment? {
    guard let base = avow_map(-1, capacity) else { return nil }
    return Segment(base: base, capacity: capacity, name: nil, file: -1, folder: nil)
  }

  /// Makes a file with real blocks, locked by this process; `nil` when the disk has no room.
  static func create(in folder: StateDirectory, capacity: Int) -> Segment? {
    for _ in 0..<4 {
      let name = SegmentName(made: SystemClock().now).text + suffix
      let file = folder.open(name, creating: true)
      guard file >= 0 else { return nil }
      // Until the lock is held another process may take the empty file for a dead one's, and take it away.
      if avow_lock_file(file), let facts = StateDirectory.facts(of: file), facts.links > 0 {
        if avow_allocate(file, capacity), let base = avow_map(file, capacity) {
          return Segment(base: base, capacity: capacity, name: name, file: file, folder: folder)
        }
        folder.remove(name)
        close(file)
        return nil
      }
      folder.remove(name)
      close(file)
    }
    return nil
  }

  /// Takes over the segment of a dead process; `nil` when its process lives or it is no segment.
  static func adopt(_ name: String, in folder: StateDirectory) -> Segment? {
    let file = folder.open(name, creating: false)
    guard file >= 0 else { return nil }
    // Another process may have finished with it between the listing and the lock.
    guard avow_lock_file(file), let facts = StateDirectory.facts(of: file), facts.links > 0 else {
      close(file)
      return nil
    }
    guard facts.length >= SegmentLayout.fixedLength, facts.length <= Spool.largestSegment,
      let base = avow_map(file, facts.length)
    else {
      folder.remove(name)
      close(file)
      return nil
    }
    let segment = Segment(base: base, capacity: facts.length, name: name, file: file, folder: folder)
    segment.header = SegmentHeader(reading: segment.bytes)
    return segment
  }

  static let suffix = ".seg"

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: capacity) }

  /// The address with the capacity's logarithm in bits that a page's address leaves free.
  var word: UInt { UInt(bitPattern: base) | UInt(capacity.trailingZeroBitCount) }

  /// Where delivery goes on; held inside the segment, whatever the file says.
  var delivered: Int {
    get {
      let value = avow_load_acquire(base + SegmentLayout.deliveredOffset)
      return value < UInt64(capacity) ? Int(value) & ~7 : capacity
    }
    set { avow_store_release(base + SegmentLayout.deliveredOffset, UInt64(newValue)) }
  }

  /// Bytes handed out to records, at most the capacity.
  var reserved: Int {
    Int(min(avow_load_acquire(base + SegmentLayout.reservedOffset), UInt64(capacity)))
  }

  /// Whether everything in it was delivered; only for a segment that takes no more.
  var isDelivered: Bool {
    let sealed = avow_load_acquire(base + SegmentLayout.sealedOffset)
    return sealed > 0 && delivered >= Int(min(sealed, UInt64(capacity)))
  }

  /// Takes no more records from now on.
  func seal() {
    let before = avow_fetch_add(base + SegmentLayout.reservedOffset, SegmentLayout.sealed)
    if before <= UInt64(capacity) { markEnd(Int(before)) }
  }

  /// Says where the last record ends.
  func markEnd(_ end: Int) { avow_store_release(base + SegmentLayout.sealedOffset, UInt64(end)) }

  /// Makes it read as nothing.
  func invalidate() {
    avow_store_release(base + SegmentLayout.magicOffset, 0)
    header = nil
  }

  /// Faults the pages in, off the recording thread.
  func prefault() { avow_prefault(base, capacity) }

  /// Takes the file away; the memory stays for whoever still looks at it.
  func unlink() {
    if let name, let folder { folder.remove(name) }
  }

  /// In a fork's child: lets go of the parent's lock without touching the parent's bytes.
  func abandon() {
    if file >= 0 { close(file) }
    file = -1
  }
}
