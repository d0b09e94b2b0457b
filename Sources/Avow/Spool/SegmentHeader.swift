import CAvowShims

/// What the records of a segment have in common.
///
/// A class, because a program's start would have to make the type of an optional structure of this size.
final class SegmentHeader: Sendable {
  let identifier: SegmentIdentifier
  let generation: UInt32
  let mode: TelemetryMode
  /// Of the user's choice at that time.
  let epoch: UInt32
  let user: Identifier128?
  let session: Identifier128?
  let isEphemeral: Bool
  /// The context field that is taken at each event, `nil` when the catalog has none.
  let uptimeField: Int?
  let catalogVersion: Int
  /// The 32 bytes of the catalog's digest.
  let digest: [UInt8]
  /// Events dropped before the first record because the spool was full.
  let lost: UInt64
  let created: Int64
  let counterCount: Int
  let schema: [UInt8]
  /// Encoded values of the context.
  let context: [UInt8]

  init(
    identifier: SegmentIdentifier, generation: UInt32, mode: TelemetryMode, epoch: UInt32,
    user: Identifier128?, session: Identifier128?, isEphemeral: Bool, lost: UInt64, created: Int64,
    plan: SpoolPlan, context: [UInt8]
  ) {
    self.identifier = identifier
    self.generation = generation
    self.mode = mode
    self.epoch = epoch
    self.user = user
    self.session = session
    self.isEphemeral = isEphemeral
    self.lost = lost
    self.created = created
    uptimeField = plan.uptimeField
    catalogVersion = plan.catalogVersion
    counterCount = plan.counters.count
    digest = plan.digest
    schema = plan.schemaBytes
    self.context = context
  }

  /// Where records begin.
  var recordsOffset: Int {
    (schemaOffset + schema.count + context.count + 7) & ~7
  }

  private var schemaOffset: Int { SegmentLayout.cell(counterCount) }

  /// Writes the header and opens the segment for records; the magic word comes last, so that a process
  /// that dies on the way leaves nothing that reads as a segment.
  func write(to base: UnsafeMutableRawPointer) {
    avow_store_release(base + SegmentLayout.magicOffset, 0)
    avow_store_release(base + SegmentLayout.sealedOffset, 0)
    func put<Value: BitwiseCopyable>(_ value: Value, _ offset: Int) {
      base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
    put(generation, SegmentLayout.generationOffset)
    put(UInt32(recordsOffset), SegmentLayout.recordsOffset)
    put(identifier.high, SegmentLayout.identifierHighOffset)
    put(identifier.low, SegmentLayout.identifierLowOffset)
    put(mode.rank, SegmentLayout.modeOffset)
    put(epoch, SegmentLayout.epochOffset)
    var flags: UInt8 = isEphemeral ? SegmentLayout.isEphemeral : 0
    if user != nil { flags |= SegmentLayout.hasUser }
    if session != nil { flags |= SegmentLayout.hasSession }
    put(flags, SegmentLayout.flagsOffset)
    put(UInt16(uptimeField.map { $0 + 1 } ?? 0), SegmentLayout.uptimeOffset)
    put(user?.high ?? 0, SegmentLayout.userOffset)
    put(user?.low ?? 0, SegmentLayout.userOffset + 8)
    put(session?.high ?? 0, SegmentLayout.sessionOffset)
    put(session?.low ?? 0, SegmentLayout.sessionOffset + 8)
    put(UInt64(recordsOffset), SegmentLayout.deliveredOffset)
    put(lost, SegmentLayout.lostOffset)
    put(created, SegmentLayout.createdOffset)
    put(UInt32(catalogVersion), SegmentLayout.versionOffset)
    put(UInt32(schema.count), SegmentLayout.schemaLengthOffset)
    put(UInt32(context.count), SegmentLayout.contextLengthOffset)
    put(UInt16(counterCount), SegmentLayout.counterCountOffset)
    (base + SegmentLayout.digestOffset).copyMemory(from: digest, byteCount: min(digest.count, 32))
    (base + schemaOffset).copyMemory(from: schema, byteCount: schema.count)
    (base + schemaOffset + schema.count).copyMemory(from: context, byteCount: context.count)
    let end = schemaOffset + schema.count + context.count
    put(
      Self.check(UnsafeRawBufferPointer(start: base, count: recordsOffset), schemaOffset..<end),
      SegmentLayout.checkOffset)
    avow_store_release(base + SegmentLayout.magicOffset, SegmentLayout.magic)
    avow_store_release(base + SegmentLayout.reservedOffset, UInt64(recordsOffset))
  }

  /// Reads a header from a segment some process left; `nil` when it is none or not whole.
  init?(reading bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= SegmentLayout.fixedLength else { return nil }
    func get<Value: BitwiseCopyable>(_ offset: Int, _: Value.Type = Value.self) -> Value {
      bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
    let schemaLength = Int(get(SegmentLayout.schemaLengthOffset, UInt32.self))
    let contextLength = Int(get(SegmentLayout.contextLengthOffset, UInt32.self))
    counterCount = Int(get(SegmentLayout.counterCountOffset, UInt16.self))
    let schemaStart = SegmentLayout.cell(counterCount)
    let end = schemaStart + schemaLength + contextLength
    guard get(SegmentLayout.magicOffset) == SegmentLayout.magic, end <= bytes.count,
      get(SegmentLayout.recordsOffset, UInt32.self) == UInt32((end + 7) & ~7),
      let mode = TelemetryMode(rank: get(SegmentLayout.modeOffset)),
      get(SegmentLayout.checkOffset) == Self.check(bytes, schemaStart..<end)
    else { return nil }
    identifier = SegmentIdentifier(
      high: get(SegmentLayout.identifierHighOffset), low: get(SegmentLayout.identifierLowOffset))
    generation = get(SegmentLayout.generationOffset)
    self.mode = mode
    epoch = get(SegmentLayout.epochOffset)
    let flags: UInt8 = get(SegmentLayout.flagsOffset)
    user =
      flags & SegmentLayout.hasUser == 0
      ? nil
      : Identifier128(
        high: get(SegmentLayout.userOffset), low: get(SegmentLayout.userOffset + 8))
    session =
      flags & SegmentLayout.hasSession == 0
      ? nil
      : Identifier128(
        high: get(SegmentLayout.sessionOffset), low: get(SegmentLayout.sessionOffset + 8))
    isEphemeral = flags & SegmentLayout.isEphemeral != 0
    let uptime = Int(get(SegmentLayout.uptimeOffset, UInt16.self))
    uptimeField = uptime == 0 ? nil : uptime - 1
    catalogVersion = Int(get(SegmentLayout.versionOffset, UInt32.self))
    digest = Array(bytes[SegmentLayout.digestOffset..<SegmentLayout.digestOffset + 32])
    lost = get(SegmentLayout.lostOffset)
    created = get(SegmentLayout.createdOffset)
    let middle = schemaStart + schemaLength
    schema = Array(bytes[schemaStart..<middle])
    context = Array(bytes[middle..<end])
  }

  /// A sum over everything that is written once: all but the words that move and this sum itself.
  private static func check(_ bytes: UnsafeRawBufferPointer, _ variable: Range<Int>) -> UInt32 {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ range: Range<Int>) {
      for byte in bytes[range] { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    add(SegmentLayout.generationOffset..<SegmentLayout.reservedOffset)
    add(SegmentLayout.lostOffset..<SegmentLayout.checkOffset)
    add(SegmentLayout.epochOffset..<SegmentLayout.fixedLength)
    add(variable)
    return UInt32(truncatingIfNeeded: sum ^ sum >> 32)
  }
}
