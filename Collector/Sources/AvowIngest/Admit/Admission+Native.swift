import AvowWire

/// Admission of the native protocol, whose names are the catalog's own: no mapping, one look-up a member.
extension Admission {
  /// Admits a native request's events and returns what was refused, for the answer.
  mutating func admitNative(events: Int, segment: SegmentBits) -> [NativeReply.Refusal] {
    let catalog = compiled.catalog
    var refused: [NativeReply.Refusal] = []
    var user: Identifier128?
    if catalog.identity.user != .none, let text = document.text("user", of: 0), !text.isEmpty,
      text.utf8.count <= 200
    {
      user = pseudonyms.user(
        Ingest.nativeText(text), app: compiled.app, appIndex: appIndex, space: .native, period: .none)
    }
    var session: Identifier128?
    if catalog.identity.session != .none, let text = document.text("session", of: 0), !text.isEmpty,
      text.utf8.count <= 200
    {
      session = pseudonyms.session(
        Ingest.nativeText(text), of: user, app: compiled.app, appIndex: appIndex, period: .none)
    }
    let isEphemeral = document.member("ephemeral", of: 0).map { document.nodes[$0].kind == .yes } ?? false
    if let lost = document.member("lost", of: 0), document.nodes[lost].kind == .number,
      let count = NumberText.integer(document.bytes(document.nodes[lost])), count > 0, count <= 1 << 40
    {
      counters.lost += Int(count)
    }
    eventName = Note.Name(text: Quarantine.contextName, isDeclared: true)
    let shared = addContext(document.member("context", of: 0))
    rememberVersion(shared)
    batch.entries.reserveCapacity(document.nodes.count / 8)

    var child = events + 1
    let end = Int(document.nodes[events].end)
    while child < end {
      let event = child
      child = Int(document.nodes[event].end)
      counters.received += 1
      var members = NativeMembers()
      members.read(event, in: document)
      guard let number = members.number else {
        noteRefused(Quarantine.other, isDeclared: true, .malformed)
        continue
      }
      let position = members.name.map { name in
        document.nodes[name].kind == .text
          ? compiled.events.find(
            document.bytes(document.nodes[name]), hash: KeyHash.hash(document.bytes(document.nodes[name])))
          : -1
      }
      guard let position, position >= 0 else {
        let name = members.name.flatMap { document.text($0) }
        noteRefused(name ?? Quarantine.other, isDeclared: name == nil, .unknownEvent)
        append(NativeReply.Refusal(number: number, reason: .unknownEvent), to: &refused)
        continue
      }
      let declared = compiled.properties[position]
      if eventName.text != declared.name { eventName = Note.Name(text: declared.name, isDeclared: true) }
      let firstNote = notes.count
      var context = shared
      if let own = members.context, document.nodes[own].kind == .object, !document.isNone(own) {
        context = addContext(own, over: shared)
      }
      if declared.isExpired(on: received.day, version: { nativeVersion(context) }) {
        noteRefused(declared.name, isDeclared: true, .expired)
        append(NativeReply.Refusal(number: number, reason: .expired), to: &refused)
        continue
      }
      var properties = batch.values.count..<batch.values.count
      if let object = members.properties, document.nodes[object].kind == .object {
        properties = addMembers(of: object, fields: declared.fields, names: declared.names)
      }
      for note in notes[firstNote...] {
        append(
          NativeReply.Refusal(number: number, reason: note.reason, field: note.field?.text), to: &refused)
      }
      let (sentTime, time) = times(members.time.flatMap { TimeText.timestamp($0, in: document) })
      batch.entries.append(
        EventBatch.Entry(
          event: position, id: segment.event(number), sentTime: sentTime, time: time, user: user,
          session: session, isEphemeral: isEphemeral, properties: properties, context: context))
    }
    return refused
  }

  /// The tool's version among these values of the context.
  private func nativeVersion(_ context: Range<Int>) -> String? {
    batch.values[context].first { Int($0.field) == compiled.versionField && $0.kind == .text }.map {
      batch.text(of: $0)
    }
  }

  private func append(_ refusal: NativeReply.Refusal, to refused: inout [NativeReply.Refusal]) {
    if refused.count < NativeReply.maxRefusals { refused.append(refusal) }
  }

  /// The request's context.
  private mutating func addContext(_ object: Int?) -> Range<Int> {
    if let object, document.nodes[object].kind == .object {
      return addMembers(of: object, fields: compiled.context, names: compiled.contextNames, network: true)
    }
    let first = batch.values.count
    addNetwork()
    return first..<batch.values.count
  }

  /// An event's own context laid over the request's.
  private mutating func addContext(_ object: Int, over shared: Range<Int>) -> Range<Int> {
    let own = addMembers(of: object, fields: compiled.context, names: compiled.contextNames)
    let present = Set(batch.values[own].map(\.field))
    for slot in batch.values[shared] where !present.contains(slot.field) { batch.values.append(slot) }
    let range = own.lowerBound..<batch.values.count
    batch.values[range].sort { $0.field < $1.field }
    return range
  }
}

/// The members of a native event, found in one pass.
private struct NativeMembers {
  var number: UInt32?
  var name: Int?
  var time: Int?
  var properties: Int?
  var context: Int?

  mutating func read(_ event: Int, in document: borrowing Document) {
    guard document.nodes[event].kind == .object else { return }
    var child = event + 1
    let end = Int(document.nodes[event].end)
    while child < end {
      let node = document.nodes[child]
      let key = document.key(node)
      switch (key.count, key.first) {
      case (1, UInt8(ascii: "n")):
        if node.kind == .number {
          number = NumberText.plainInteger(document.bytes(node)).flatMap { UInt32(exactly: $0) }
        }
      case (4, UInt8(ascii: "n")): if KeyHash.same(key, "name") { name = child }
      case (4, UInt8(ascii: "t")): if KeyHash.same(key, "time") { time = child }
      case (10, UInt8(ascii: "p")): if KeyHash.same(key, "properties") { properties = child }
      case (7, UInt8(ascii: "c")): if KeyHash.same(key, "context") { context = child }
      default: break
      }
      child = Int(node.end)
    }
  }
}

extension Quarantine {
  /// Stands for the event where a whole request's context is meant.
  static let contextName = "(context)"
}
