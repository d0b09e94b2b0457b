import AvowWire

/// Admission of events whose form a catalog's `accepts` describes.
extension Admission {
  /// Where one foreign event is read from.
  struct Source {
    /// The event, and what its envelope adds; the first that has a value wins.
    var layers: [Int]
    /// The name the format gives an event whose body names none.
    var name: [UInt8] = []
    /// The log record whose bytes identify the event when nothing in it does.
    var record: LogRecord?
    /// What an envelope holds beside the events is counted with the first of them only.
    var isFirst = true
  }

  mutating func admit(_ source: Source, mapping: Mapping) -> Verdict {
    search.reset(slots: mapping.slotCount)
    for (layer, object) in source.layers.enumerated() where document.nodes[object].kind == .object {
      let passed = search.visits.count
      search.walk(object, in: document, mapping: mapping, offset: UInt32(layer) << 20)
      if layer > 0, !source.isFirst { search.visits.removeLast(search.visits.count - passed) }
    }
    counters.received += 1
    let name = search.node(SlotNames.event).flatMap { node in
      document.nodes[node].kind == .text ? document.bytes(document.nodes[node]) : nil
    }
    let meaning =
      if let name {
        mapping.names.meaning(of: name)
      } else {
        source.name.withUnsafeBufferPointer { mapping.names.meaning(of: $0.isEmpty ? nil : $0) }
      }
    switch meaning {
    case .dropped:
      counters.dropped += 1
      return .dropped
    case .control:
      counters.control += 1
      return .control
    case .unknown:
      let foreign =
        name.map { String(decoding: $0, as: UTF8.self) } ?? String(decoding: source.name, as: UTF8.self)
      rememberForeignVersion(mapping)
      noteRefused(foreign, isDeclared: false, .unknownEvent)
      return .refused(.unknownEvent)
    case .event(let event):
      let declared = compiled.properties[event]
      if declared.isExpired(on: received.day, version: { foreignVersion(mapping) }) {
        noteRefused(declared.name, isDeclared: true, .expired)
        return .refused(.expired)
      }
      eventName = Note.Name(text: declared.name, isDeclared: true)
      noteLeftovers(mapping, event: event)
      add(event, mapping: mapping, record: source.record)
      return .admitted
    }
  }

  /// Notes members that no declared field of this event reads.
  private mutating func noteLeftovers(_ mapping: Mapping, event: Int) {
    let uses = mapping.uses[event]
    var index = 0
    while index < search.visits.count {
      let visit = search.visits[index]
      var isRead = false
      var isDropped = false
      var isEnvelope = false
      while index < search.visits.count, search.visits[index].node == visit.node {
        let reached = Int(search.visits[index].state)
        index += 1
        guard reached >= 0 else { continue }
        let state = mapping.trie.states[reached]
        for terminal in state.terminals where uses[Int(mapping.trie.terminals[terminal].slot)] != .none {
          isRead = true
        }
        isDropped = isDropped || state.isDropped
        isEnvelope = isEnvelope || state.isEnvelope
      }
      if isRead { continue }
      if isDropped {
        counters.dropped += 1
      } else if !isEnvelope {
        noteUndeclared(search.name(of: visit, in: document))
      }
    }
  }

  private mutating func add(_ event: Int, mapping: Mapping, record: LogRecord?) {
    let written = search.node(SlotNames.time).flatMap { TimeText.timestamp($0, in: document) }
    let (sentTime, time) = times(written)
    let identity = compiled.catalog.identity
    let period = RotationPeriod(identity.rotate, day: time.day)
    var user: Identifier128?
    if identity.user != .none, let text = identifier(SlotNames.user), !Self.isNobody(text) {
      user = pseudonyms.user(text, app: compiled.app, appIndex: appIndex, space: .foreign, period: period)
    }
    var session: Identifier128?
    if identity.session != .none, let text = identifier(SlotNames.session), !text.elementsEqual("-1".utf8) {
      session = pseudonyms.session(text, of: user, app: compiled.app, appIndex: appIndex, period: period)
    }
    let id =
      identifier(SlotNames.id).map { pseudonyms.event($0, app: compiled.app) }
      ?? record.map { fingerprint($0) }
    let firstContext = batch.values.count
    for slot in mapping.contextSlots {
      let index = slot - mapping.contextSlots.lowerBound
      if compiled.context[index].isNetwork {
        addNetwork()
      } else if let node = search.node(slot) {
        add(
          node, as: compiled.context[index], at: index,
          candidate: mapping.candidates[Int(search.candidates[slot])], mapping: mapping)
      }
    }
    let firstProperty = batch.values.count
    rememberVersion(firstContext..<firstProperty)
    for (index, slot) in mapping.propertySlots[event].enumerated() {
      guard let node = search.node(slot) else { continue }
      add(
        node, as: compiled.properties[event].fields[index], at: index,
        candidate: mapping.candidates[Int(search.candidates[slot])], mapping: mapping)
    }
    batch.entries.append(
      EventBatch.Entry(
        event: event, id: id, sentTime: sentTime, time: time, user: user, session: session,
        properties: firstProperty..<batch.values.count, context: firstContext..<firstProperty))
  }

  /// The identifier of a record that has none: a retry repeats its bytes and those of its resource, without
  /// which two installations that start in one moment would be one. Equal records of one request are told apart
  /// by their count, which a retry repeats as well.
  private mutating func fingerprint(_ record: LogRecord) -> Identifier128 {
    let first = pseudonyms.record(record.bytes, record.resource, number: 0, app: compiled.app)
    let number = fingerprints[first, default: 0]
    fingerprints[first] = number + 1
    guard number > 0 else { return first }
    return pseudonyms.record(record.bytes, record.resource, number: number, app: compiled.app)
  }

  /// The text of an identifier; numbers count as their digits, so that Jina's `uid` can be quoted as it is printed.
  private func identifier(_ slot: Int) -> Bytes? {
    guard let index = search.node(slot) else { return nil }
    let node = document.nodes[index]
    guard node.kind == .text || node.kind == .number else { return nil }
    let text = document.bytes(node)
    return text.isEmpty || text.count > 1024 ? nil : text
  }

  /// Ids that Amplitude refuses because they stand for nobody; one user made of all of them would be a phantom.
  static func isNobody(_ id: Bytes) -> Bool {
    guard id.count <= 36 else { return false }
    if id.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "-") }) { return true }
    guard id.count <= 9 else { return false }
    switch String(decoding: id, as: UTF8.self).lowercased() {
    case "anonymous", "nil", "none", "null", "n/a", "na", "undefined", "unknown", "{}", "lmy47d", "-1":
      return true
    default: return false
    }
  }

  /// Keeps the version of a client whose event is refused: it is what helps to find the fault.
  private mutating func rememberForeignVersion(_ mapping: Mapping) {
    if appVersion == nil { appVersion = foreignVersion(mapping) }
  }

  /// The tool's version as the event says it.
  private mutating func foreignVersion(_ mapping: Mapping) -> String? {
    guard compiled.versionField >= 0,
      let node = search.node(mapping.contextSlots.lowerBound + compiled.versionField)
    else { return nil }
    let before = batch.bytes.count
    defer { batch.bytes.removeLast(batch.bytes.count - before) }
    guard case .value(.text, _) = convert(node, as: compiled.context[compiled.versionField]) else {
      return nil
    }
    return String(decoding: batch.bytes[before...], as: UTF8.self)
  }
}
