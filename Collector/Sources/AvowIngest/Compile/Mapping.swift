import AvowWire

/// One entry of `accepts` for one of its formats, compiled.
final class Mapping: Sendable {
  /// Where a value may be, beyond what the trie says.
  struct Candidate: Sendable {
    /// The unit of a bare number found there.
    var unit: Unit?
    var rows: RowPlan?
  }

  /// How records are made from what a path leads to.
  struct RowPlan: Sendable {
    /// The steps below the value: tags become columns.
    var tail: [Step]
    /// For each column the paths that lead to it from a row; empty means the member of its name.
    var columns: [[Column]]
    /// Whether each member has to be a column; with columns mapped by hand, other members are passed over.
    var countsOthers: Bool

    enum Step: Sendable {
      case key(String)
      case any
      /// Any key, kept as this column.
      case tag(column: Int)
    }

    struct Column: Sendable {
      var path: [String]
      var unit: Unit?
    }
  }

  /// What a slot means for one event: a property, a field of the context, one of the five, or nothing.
  enum Use: Sendable, Hashable {
    case special
    case context(Int)
    case property(Int)
    case none
  }

  let entry: Acceptance
  /// The position of the entry in the catalog.
  let index: Int
  let format: Acceptance.Format
  let names: EventNames
  let trie: PathTrie
  let candidates: [Candidate]
  let slotCount: Int
  /// For each event, what each slot means.
  let uses: [[Use]]
  /// For each event the slots of its properties, in their order.
  let propertySlots: [[Int]]
  let contextSlots: Range<Int>
  let nullTexts: [[UInt8]]
  let nullNumbers: [Double]
  let itemsPath: [String]?
  let ownPrefix: UInt8?
  /// For each slot whether an object can be its value.
  let takesObject: [Bool]

  init(
    _ entry: Acceptance, at index: Int, format: Acceptance.Format, catalog: Catalog, slots: SlotNames,
    context: [CompiledField], properties: [CompiledCatalog.EventIndex]
  ) {
    self.entry = entry
    self.index = index
    self.format = format
    let knowledge = FormatKnowledge.of(format)
    names = EventNames(
      AcceptedNames(entry), catalog: catalog.events.map(\.name))
    nullTexts = entry.nullValues.map { Array($0.utf8) }
    nullNumbers = entry.nullValues.compactMap(Double.init)
    itemsPath = entry.items.map { $0.split(separator: ".").map(String.init) }
    ownPrefix = knowledge.ownPrefix
    slotCount = slots.names.count
    uses = catalog.events.map { event in
      slots.names.indices.map { slot in
        if slot < slots.firstContext { return .special }
        if slot < slots.firstProperty { return .context(slot - slots.firstContext) }
        return event.properties.firstIndex { $0.name == slots.names[slot] }.map(Use.property) ?? .none
      }
    }
    propertySlots = catalog.events.map { event in
      event.properties.map { slots.names[slots.firstProperty...].firstIndex(of: $0.name) ?? 0 }
    }
    contextSlots = slots.firstContext..<slots.firstProperty
    // The declarations behind each slot: several events may have a property of one name.
    let fields: [[CompiledField]] = slots.names.enumerated().map { slot, name in
      if slot < slots.firstContext { return [] }
      if slot < slots.firstProperty { return [context[slot - slots.firstContext]] }
      return properties.flatMap { $0.fields.filter { $0.name == name } }
    }
    takesObject = fields.map { $0.contains(where: \.takesObject) }
    var compiler = Compiler(knowledge: knowledge, entry: entry)
    for (slot, name) in slots.names.enumerated() {
      compiler.add(
        slot: slot, name: name, isSpecial: slot < slots.firstContext,
        source: slot >= slots.firstContext && slot < slots.firstProperty
          ? catalog.context[slot - slots.firstContext].source : nil,
        fields: fields[slot])
    }
    compiler.addEnvelopeAndDrops()
    trie = compiler.builder.build()
    candidates = compiler.candidates
  }

  var hasNullValues: Bool { !nullTexts.isEmpty }

  /// Whether the value says nothing in this mapping's words.
  func isNull(_ node: Node, in document: borrowing Document) -> Bool {
    switch node.kind {
    case .text where !nullTexts.isEmpty:
      let text = document.bytes(node)
      return nullTexts.contains { $0.count == text.count && text.elementsEqual($0) }
    case .number where !nullNumbers.isEmpty:
      guard let number = NumberText.double(document.bytes(node)) else { return false }
      return nullNumbers.contains(number)
    default: return false
    }
  }
}

extension AcceptedNames {
  init(_ entry: Acceptance) {
    self.init()
    switch entry.events {
    case .same: break
    case .always(let event): always = event
    case .mapped(let rules): self.rules = rules.map { ($0.foreign, $0.event) }
    }
    dropped = entry.dropEvents
  }
}
