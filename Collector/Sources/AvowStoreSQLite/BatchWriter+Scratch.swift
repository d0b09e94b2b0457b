import AvowWire

extension BatchWriter {
  /// Buffers kept from batch to batch.
  final class Scratch {
    let id = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
    private let digest = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
    private var numbers: [UInt32] = []
    private var room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 8)
    private var places = UInt64.random(in: .min ... .max)

    deinit {
      id.deallocate()
      digest.deallocate()
      room.deallocate()
    }

    static let nobody: UInt32 = 0
    static let erased = UInt32.max

    /// The number of each event's user, all looked up before the first row: the map is larger than the
    /// processor's caches, and look-ups that follow one another wait for memory together.
    func users(
      of entries: UnsafeBufferPointer<EventBatch.Entry>, _ users: Identities.Users
    ) -> [UInt32] {
      numbers.removeAll(keepingCapacity: true)
      for entry in entries {
        numbers.append(entry.user.map { users.number(of: $0) ?? Self.erased } ?? Self.nobody)
      }
      return numbers
    }

    /// At least so many bytes, to be used until the next call.
    func room(for size: Int) -> UnsafeMutableRawPointer {
      if size > room.count || room.baseAddress == nil {
        room.deallocate()
        room = .allocate(byteCount: max(size, room.count * 2), alignment: 8)
      }
      return room.baseAddress.unsafelyUnwrapped
    }

    /// A digest's bytes, to be used until the next call.
    func digest(_ value: Identifier128) -> UnsafeRawBufferPointer {
      digest.storeBytes(of: value.high.bigEndian, as: UInt64.self)
      digest.storeBytes(of: value.low.bigEndian, toByteOffset: 8, as: UInt64.self)
      return UnsafeRawBufferPointer(digest)
    }

    /// 22 bits for an event without an id, spread so that few meet. The system's generator would be a call
    /// into the kernel for each.
    func place() -> Int64 {
      places &+= 0x9E37_79B9_7F4A_7C15
      return Int64(places >> 42)
    }
  }
}
