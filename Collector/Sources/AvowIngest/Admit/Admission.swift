import AvowWire

/// One request's events on their way from the scanned body into a batch.
///
/// Unknown events are refused, undeclared and ill-typed fields removed and the event kept, declared leftovers
/// dropped; what happened is noted without its values.
struct Admission {
  /// What became of one event.
  enum Verdict: Equatable {
    case admitted
    case refused(Quarantine.Reason)
    case dropped
    case control
  }

  /// A converted value, or why there is none.
  enum Converted {
    case value(EventBatch.Slot.Kind, UInt64)
    /// Said nothing.
    case none
    case removed(Quarantine.Reason)
  }

  let compiled: CompiledCatalog
  let appIndex: Int
  let pseudonyms: Pseudonyms
  let document: Document
  /// The client's clock when it sent, where the format says it.
  var sent: Timestamp?
  /// What an undeclared field is called: older and newer clients of the native protocol are told apart.
  var undeclared = Quarantine.Reason.undeclared

  var batch: EventBatch
  var notes: [Note] = []
  var counters = Quarantine.Counters()
  /// Who sent, by the tool's own version, for the quarantine.
  var appVersion: String?
  /// The event whose fields are being converted, as the quarantine names it.
  var eventName = Note.Name(text: "", isDeclared: true)
  /// Which member each field was found in; -1 for none.
  private var found: [Int32]
  private let network: String?
  /// How often each log record without an identifier came in this request.
  var fingerprints: [Identifier128: Int] = [:]
  var search: SlotSearch

  init(
    _ compiled: CompiledCatalog, appIndex: Int, document: Document, request: IngestRequest,
    pseudonyms: Pseudonyms
  ) {
    self.compiled = compiled
    self.appIndex = appIndex
    self.document = document
    self.pseudonyms = pseudonyms
    batch = EventBatch(catalog: compiled.catalog, digest: compiled.digest, received: request.received)
    network = compiled.networkField >= 0 ? request.address.flatMap(NetworkPart.of) : nil
    found = Array(
      repeating: -1, count: max(compiled.context.count, compiled.properties.map(\.fields.count).max() ?? 0))
    search = SlotSearch()
    batch.bytes.reserveCapacity(document.count / 3)
    batch.values.reserveCapacity(document.nodes.count * 3 / 4)
  }

  var received: Timestamp { batch.received }

  // MARK: Fields

  /// Adds the members of an object that are fields, in the fields' order, and returns where they lie.
  mutating func addMembers(
    of object: Int, fields: [CompiledField], names: KeyTable, network: Bool = false, isExported: Bool = false
  ) -> Range<Int> {
    let first = batch.values.count
    for index in fields.indices { found[index] = -1 }
    var child = object + 1
    let end = Int(document.nodes[object].end)
    while child < end {
      let node = document.nodes[child]
      let field = names.find(document.key(node), hash: node.keyHash)
      if field >= 0 {
        found[field] = Int32(child)
      } else if !document.isNone(child) {
        noteUndeclared(String(decoding: document.key(node), as: UTF8.self))
      }
      child = Int(node.end)
    }
    for index in fields.indices {
      if network, fields[index].isNetwork {
        if found[index] >= 0 { counters.dropped += 1 }
        addNetwork()
      } else if isExported, fields[index].isNetwork {
        if found[index] >= 0 { addNetwork(exported: Int(found[index]), as: fields[index], at: index) }
      } else if found[index] >= 0 {
        add(Int(found[index]), as: fields[index], at: index)
      }
    }
    return first..<batch.values.count
  }

  /// Converts one value and adds it, or notes why it was removed.
  @inline(__always)
  mutating func add(
    _ node: Int, as field: CompiledField, at index: Int, candidate: Mapping.Candidate? = nil,
    mapping: Mapping? = nil
  ) {
    switch convert(node, as: field, unit: candidate?.unit, rows: candidate?.rows, mapping: mapping) {
    case .value(let kind, let payload):
      batch.values.append(EventBatch.Slot(field: index, kind: kind, payload: payload))
    case .none: break
    case .removed(let reason): noteRemoved(field.name, reason)
    }
  }

  mutating func addNetwork() {
    guard let network else { return }
    let payload = intern(network)
    batch.values.append(EventBatch.Slot(field: compiled.networkField, kind: .text, payload: payload))
  }

  /// What an export says of the network was reduced when the event came, and is reduced again.
  private mutating func addNetwork(exported node: Int, as field: CompiledField, at index: Int) {
    let value = document.nodes[node]
    let address =
      value.kind == .text
      ? document.bytes(value).prefix { $0 != UInt8(ascii: "/") } : Bytes(start: nil, count: 0)[...]
    guard let network = NetworkPart.of(String(decoding: address, as: UTF8.self)) else {
      return noteRemoved(field.name, .ipAddress)
    }
    let payload = intern(network)
    batch.values.append(EventBatch.Slot(field: index, kind: .text, payload: payload))
  }

  mutating func intern(_ text: String) -> UInt64 {
    let first = batch.bytes.count
    batch.bytes.append(contentsOf: text.utf8)
    return UInt64(first) << 32 | UInt64(batch.bytes.count - first)
  }

  @inline(__always)
  mutating func intern(_ text: Bytes) -> UInt64 {
    let first = batch.bytes.count
    batch.bytes.append(contentsOf: text)
    return UInt64(first) << 32 | UInt64(text.count)
  }

  // MARK: Time

  /// The two times of an event whose client wrote `written`, and whether the clock had to be overruled.
  mutating func times(_ written: Timestamp?) -> (sent: Timestamp, time: Timestamp) {
    guard let written else { return (Timestamp(milliseconds: 0), received) }
    var (time, overflow) = (written.milliseconds, false)
    if let sent {
      let (ahead, first) = received.milliseconds.subtractingReportingOverflow(sent.milliseconds)
      let (corrected, second) = time.addingReportingOverflow(ahead)
      (time, overflow) = (corrected, first || second)
    }
    let window = (received.milliseconds - 30 * 86_400_000)...(received.milliseconds + 600_000)
    if overflow || !window.contains(time) {
      counters.clock += 1
      return (written, received)
    }
    return (written, Timestamp(milliseconds: time))
  }

  // MARK: Notes

  /// A request that is all faults must not fill the memory with their names: beyond so many they are counted
  /// without.
  private static let maxNotes = 1000

  private mutating func append(_ note: Note) {
    if notes.count < Self.maxNotes {
      notes.append(note)
    } else if notes.count == Self.maxNotes || notes[notes.count - 1].reason != note.reason {
      let other = Note.Name(text: Quarantine.other, isDeclared: true)
      if notes.count < Self.maxNotes + Quarantine.Reason.allCases.count {
        notes.append(Note(event: other, field: note.field.map { _ in other }, reason: note.reason))
      } else {
        notes[notes.count - 1].count += 1
      }
    } else {
      notes[notes.count - 1].count += 1
    }
  }

  mutating func noteUndeclared(_ name: String) {
    counters.removed += 1
    append(Note(event: eventName, field: Note.Name(text: name, isDeclared: false), reason: undeclared))
  }

  mutating func noteRemoved(_ field: String, _ reason: Quarantine.Reason) {
    counters.removed += 1
    append(Note(event: eventName, field: Note.Name(text: field, isDeclared: true), reason: reason))
  }

  mutating func noteRefused(_ name: String, isDeclared: Bool, _ reason: Quarantine.Reason) {
    counters.refused += 1
    append(Note(event: Note.Name(text: name, isDeclared: isDeclared), field: nil, reason: reason))
  }

  /// Counts an event that lacks what identifies it.
  mutating func refuseMalformed() {
    counters.received += 1
    noteRefused(Quarantine.other, isDeclared: true, .malformed)
  }

  /// Keeps the tool's version for the quarantine when these values hold it.
  mutating func rememberVersion(_ context: Range<Int>) {
    guard compiled.versionField >= 0, !notes.isEmpty || appVersion == nil else { return }
    if let slot = batch.values[context].first(where: { Int($0.field) == compiled.versionField }),
      slot.kind == .text
    {
      appVersion = batch.text(of: slot)
    }
  }
}
