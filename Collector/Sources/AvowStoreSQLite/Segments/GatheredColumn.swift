/// The values of one column on their way into a segment: room that is used again for the next one.
///
/// A class, for it owns that memory. Used by one thread.
final class GatheredColumn {
  private(set) var count = 0
  /// How many of the values are there.
  private(set) var presentCount = 0
  private var values = UnsafeMutablePointer<Int64>.allocate(capacity: 0)
  private var presence = UnsafeMutablePointer<Bool>.allocate(capacity: 0)
  private var capacity = 0

  deinit {
    values.deallocate()
    presence.deallocate()
  }

  /// Fills the column, value by value; absent ones must be 0.
  @inline(__always)
  func fill(
    _ count: Int, _ body: (Int, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Bool>) -> Void
  ) {
    reserve(count)
    self.count = count
    let (values, presence) = (values, presence)
    var present = 0
    for index in 0..<count {
      body(index, values, presence)
      present += presence[index] ? 1 : 0
    }
    presentCount = present
  }

  private func reserve(_ count: Int) {
    if count <= capacity { return }
    values.deallocate()
    presence.deallocate()
    capacity = count
    values = .allocate(capacity: capacity)
    presence = .allocate(capacity: capacity)
  }

  /// The column in packed form; `nil` when no value is there.
  func packed(isNumber: Bool) -> [UInt8]? {
    if presentCount == 0 { return nil }
    return PackedColumn.encode(
      UnsafeBufferPointer(start: values, count: count),
      present: presentCount == count ? nil : UnsafeBufferPointer(start: presence, count: count),
      isNumber: isNumber)
  }
}
