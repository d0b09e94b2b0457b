import AvowWire

/// The types and names that the generated code of a catalog has.
struct SwiftTypes {
  /// A value of the context, of an event or of a row.
  struct Member {
    var name: String
    /// The Swift type, without the question mark.
    var type: String
    var field: Field
    /// Its index among its fields.
    var index: Int
    /// The name of the constant with its bucket's edges.
    var bucket: String?

    /// The type of the value, or of an element of a list.
    var scalar: FieldType {
      if case .list(let element, _) = field.type { element } else { field.type }
    }
  }

  struct Event {
    var name: String
    var declaration: EventDeclaration
    var members: [Member]
  }

  struct ClosedSet {
    var name: String
    var values: [String]
    var cases: [String]
    /// The declared names of the fields that use it.
    var uses: [String]
  }

  struct Record {
    var name: String
    var field: String
    var description: String?
    var fields: [Field]
    var members: [Member]
  }

  private(set) var events: [Event] = []
  private(set) var context: [Member] = []
  private(set) var sets: [ClosedSet] = []
  private(set) var records: [Record] = []
  private var names: SwiftNames

  init(_ catalog: Catalog) {
    names = SwiftNames(reserved: SwiftNames.usedTypes + [SwiftNames.type(of: catalog)])
    // The client finds out fields with a standard source; the program gives the others.
    let given = catalog.context.enumerated().filter { $0.element.source == nil }
    context = members(given.map { ($0.offset, $0.element) }, of: "")
    var caseNames = SwiftNames(reserved: ["encode", "init", "self"])
    for declaration in catalog.events {
      let members = members(
        Array(declaration.properties.enumerated()).map { ($0.offset, $0.element) }, of: declaration.name)
      let name = caseNames.unique(SwiftNames.lower(declaration.name))
      events.append(Event(name: name, declaration: declaration, members: members))
    }
  }

  private mutating func members(_ fields: [(Int, Field)], of owner: String) -> [Member] {
    // What the encoding functions call their own values must stay visible in them.
    var names = SwiftNames(reserved: ["encoder", "encode", "self", "init", "room", "item", "row"])
    return fields.map { index, field in
      let name = names.unique(SwiftNames.lower(field.name))
      var member = Member(name: name, type: type(of: field, owner: owner), field: field, index: index)
      if SwiftGenerator.edges(member.scalar) != nil {
        member.bucket = SwiftNames.lower([owner, field.name, "edges"].joined(separator: "_"))
      }
      return member
    }
  }

  private mutating func type(of field: Field, owner: String) -> String {
    switch field.type {
    case .list(let element, _): "[\(scalar(element, field, owner: owner))]"
    case .records(let fields, _): "[\(record(field, fields, owner: owner))]"
    default: scalar(field.type, field, owner: owner)
    }
  }

  private mutating func scalar(_ type: FieldType, _ field: Field, owner: String) -> String {
    switch type {
    case .boolean: "Bool"
    case .integer: "Int"
    case .number: "Double"
    case .text(.oneOf(let values)): closedSet(values, field, owner: owner)
    case .text, .version: "String"
    case .list, .records: "String"
    }
  }

  /// The enum of a closed set; fields with the same values share it.
  private mutating func closedSet(_ values: [String], _ field: Field, owner: String) -> String {
    if let index = sets.firstIndex(where: { $0.values == values }) {
      if !sets[index].uses.contains(field.name) { sets[index].uses.append(field.name) }
      return sets[index].name
    }
    var caseNames = SwiftNames(reserved: ["allCases", "init", "self"])
    let cases = values.map { caseNames.unique(SwiftNames.lower($0)) }
    let name = typeName(SwiftNames.upper(field.name), owner: owner)
    sets.append(ClosedSet(name: name, values: values, cases: cases, uses: [field.name]))
    return name
  }

  private mutating func record(_ field: Field, _ fields: [Field], owner: String) -> String {
    if let known = records.first(where: { $0.fields == fields }) { return known.name }
    let name = typeName(SwiftNames.upper(SwiftNames.singular(field.name)), owner: owner)
    let members = members(Array(fields.enumerated()).map { ($0.offset, $0.element) }, of: field.name)
    records.append(
      Record(name: name, field: field.name, description: field.description, fields: fields, members: members))
    return name
  }

  /// The field's own name when nobody has it, else the event's before it.
  private mutating func typeName(_ name: String, owner: String) -> String {
    let own = names.unique(name)
    if own == name || owner.isEmpty { return own }
    return names.unique(SwiftNames.upper(owner) + name)
  }
}
