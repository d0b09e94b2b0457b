@_spi(AvowCollector) public import AvowWire

/// Looks the names of a question up in a catalog, and finds the event when only one can be meant.
struct QuestionNames {
  let catalog: Catalog
  var event: String?

  /// The event called `text`, in any letter case.
  func declaredEvent(_ text: String) -> String? {
    catalog.event(named: text)?.name ?? catalog.event(named: text.lowercased())?.name
  }

  func event(_ token: QuestionToken) throws(QuestionError) -> String {
    if let name = declaredEvent(token.text) { return name }
    throw QuestionError(
      "\(catalog.app) declares no event \"\(token.text)\"",
      hint: Suggestion.hint(for: token.text, among: catalog.events.map(\.name), of: "events"),
      position: token.position)
  }

  func unknownSubject(_ token: QuestionToken) -> QuestionError {
    QuestionError(
      "\"\(token.text)\" is neither an event of \(catalog.app) nor a subject",
      hint: Suggestion.nearest(
        to: token.text, among: ["events", "users", "items", "distribution"] + catalog.events.map(\.name)
      ).map { "did you mean \($0)?" } ?? "begin with events, users, distribution of ... or an event's name",
      position: token.position)
  }

  /// Whether `text` names a field that can be found without further questions.
  func knows(_ text: String) -> Bool { !places(of: text).isEmpty }

  /// All the places `text` may mean: the event (none for the context) and the whole path.
  private func places(of text: String) -> [(event: String?, path: FieldPath)] {
    let path = FieldPath(text.lowercased())
    if let event {
      if catalog.field(at: path, of: event) != nil { return [(event, path)] }
      return columns(called: path, of: event).map { (event, $0) }
    }
    if catalog.field(at: path, of: nil) != nil { return [(nil, path)] }
    let declaring = catalog.events(declaring: path)
    if !declaring.isEmpty { return declaring.map { ($0, path) } }
    if path.components.count > 1, let event = catalog.event(named: path.components[0])?.name {
      let rest = FieldPath(path.components.dropFirst().joined(separator: "."))
      if catalog.events(declaring: rest).contains(event) { return [(event, rest)] }
    }
    return catalog.events.flatMap { declaration in
      columns(called: path, of: declaration.name).map { (declaration.name, $0) }
    }
  }

  private func columns(called path: FieldPath, of event: String) -> [FieldPath] {
    guard path.components.count == 1 else { return [] }
    return (catalog.event(named: event)?.properties ?? []).compactMap { property in
      guard case .records(let columns, _) = property.type,
        columns.contains(where: { $0.name == path.components[0] })
      else { return nil }
      return FieldPath("\(property.name).\(path)")
    }
  }

  /// The field a token names; fixes the event when the field belongs to one.
  mutating func field(_ token: QuestionToken) throws(QuestionError) -> (path: FieldPath, field: Field) {
    let places = places(of: token.text)
    guard let place = places.first else {
      let owner = event.map { "\($0) has" } ?? "\(catalog.app) declares"
      throw QuestionError(
        "\(owner) no field \"\(token.text)\"",
        hint: Suggestion.hint(for: token.text, among: catalog.paths(of: event), of: "fields"),
        position: token.position)
    }
    // A field that several events declare under one name is asked of all of them.
    if event == nil, places.allSatisfy({ $0.path == place.path }), places.count > 1,
      !catalog.events(declaring: place.path).isEmpty,
      let field = catalog.field(at: place.path, of: place.event)
    {
      try check(field, place.path, token)
      return (place.path, field)
    }
    guard places.count == 1 else {
      let names = places.prefix(4).map { event == nil ? $0.event ?? "" : $0.path.description }
      throw QuestionError(
        "\"\(token.text)\" may mean several fields",
        hint: event == nil
          ? "say which event's, such as of \(names.joined(separator: ", of "))"
          : "say which, such as \(names.joined(separator: ", "))",
        position: token.position)
    }
    guard let field = catalog.field(at: place.path, of: place.event) else {
      throw QuestionError("\"\(token.text)\" cannot be asked about", position: token.position)
    }
    try check(field, place.path, token)
    if let declared = place.event { event = declared }
    return (place.path, field)
  }

  private func check(_ field: Field, _ path: FieldPath, _ token: QuestionToken) throws(QuestionError) {
    guard case .records(let columns, _) = field.type else { return }
    throw QuestionError(
      "\(path) is a list of records",
      hint: "name a column: \(columns.map { "\(path).\($0.name)" }.joined(separator: ", "))",
      position: token.position)
  }

  mutating func group(_ token: QuestionToken) throws(QuestionError) -> FieldPath { try field(token).path }

  mutating func number(_ token: QuestionToken) throws(QuestionError) -> FieldPath {
    let (path, field) = try field(token)
    guard field.type.isNumeric else {
      throw QuestionError(
        "\(path) is a \(field.type.keyword), not a number",
        hint: "to count its values ask \(event ?? "events") by \(path)", position: token.position)
    }
    return path
  }

  mutating func version(_ token: QuestionToken) throws(QuestionError) -> FieldPath {
    let (path, field) = try field(token)
    guard field.type.keyword == "version" else {
      throw QuestionError("\(path) is a \(field.type.keyword), not a version", position: token.position)
    }
    return path
  }

  /// Whether one event may hold several values of the field.
  func isMany(_ path: FieldPath) -> Bool {
    if path.components.count > 1 { return true }
    let owner = event ?? catalog.events(declaring: path).first
    if case .list = catalog.field(at: path, of: owner)?.type { return true }
    return false
  }

  /// A path that counts items, for a hint.
  var itemsExample: String? {
    catalog.paths(of: event).first { $0.contains(".") }
  }

  mutating func filters(_ condition: QuestionSyntax.Condition) throws(QuestionError) -> [Filter] {
    let (path, field) = try field(condition.field)
    let type = field.type.scalar
    func number(_ token: QuestionToken) throws(QuestionError) -> Double {
      switch type {
      case .integer, .number: break
      default:
        throw QuestionError(
          "\(path) is a \(type.keyword), not a number", hint: "use =, != or in", position: token.position)
      }
      guard let value = Double(token.text), value.isFinite else {
        throw QuestionError(
          "\"\(token.text)\" is no number", hint: "\(path) is compared with a number",
          position: token.position)
      }
      return value
    }
    /// The next number beyond `value` that the field can have.
    func beyond(_ value: Double, up: Bool) -> Double {
      if case .integer = type { return up ? value.rounded(.down) + 1 : value.rounded(.up) - 1 }
      return up ? value.nextUp : value.nextDown
    }
    let first = condition.values[0]
    func version(_ comparison: Filter.VersionComparison, _ token: QuestionToken) throws(QuestionError)
      -> [Filter]
    {
      // `1.x` would be taken for a pre-release of 1.
      let isPattern = token.text.contains("*") || token.text.lowercased().hasSuffix(".x")
      guard VersionOrder(token.text) != nil, !isPattern else {
        throw QuestionError(
          "\"\(token.text)\" is no version", hint: "\(path) is compared with one, such as 1.10",
          position: token.position)
      }
      return [Filter(path, .version(comparison, token.text))]
    }
    if case .version = type {
      switch condition.comparison {
      case .atLeast: return try version(.atLeast, first)
      case .atMost: return try version(.atMost, first)
      case .above: return try version(.above, first)
      case .below: return try version(.below, first)
      case .between:
        let ends = try version(.atLeast, first) + version(.atMost, condition.values[1])
        if let low = VersionOrder(first.text), let high = VersionOrder(condition.values[1].text), high < low {
          throw QuestionError(
            "the range of \(path) ends before it begins", hint: "swap the two versions",
            position: first.position)
        }
        return ends
      case .equals, .notEquals, .oneOf, .noneOf: break
      }
    }
    switch condition.comparison {
    case .equals: return [Filter(path, .equals(try value(first, type, path)))]
    case .notEquals: return [Filter(path, .notEquals(try value(first, type, path)))]
    case .oneOf:
      var values: [String] = []
      for token in condition.values { values.append(try value(token, type, path)) }
      return [Filter(path, .oneOf(values))]
    case .noneOf:
      var filters: [Filter] = []
      for token in condition.values { filters.append(Filter(path, .notEquals(try value(token, type, path)))) }
      return filters
    case .atLeast: return [Filter(path, .range(min: try number(first), max: nil))]
    case .atMost: return [Filter(path, .range(min: nil, max: try number(first)))]
    case .above: return [Filter(path, .range(min: beyond(try number(first), up: true), max: nil))]
    case .below: return [Filter(path, .range(min: nil, max: beyond(try number(first), up: false)))]
    case .between:
      let (low, high) = (try number(first), try number(condition.values[1]))
      guard low <= high else {
        throw QuestionError(
          "the range of \(path) ends before it begins", hint: "swap the two numbers",
          position: first.position)
      }
      return [Filter(path, .range(min: low, max: high))]
    }
  }

  /// The declared spelling of a value, so that a filter that can select nothing is said to be wrong.
  private func value(
    _ token: QuestionToken, _ type: FieldType, _ path: FieldPath
  ) throws(QuestionError) -> String {
    // Where several events share the field, what one of them may hold is worth asking for.
    if event == nil {
      for name in catalog.events(declaring: path) {
        guard let other = catalog.field(at: path, of: name)?.type.scalar, other != type else { continue }
        if let value = try? catalog.value(token.text, type: other, path: path) { return value }
      }
    }
    do { return try catalog.value(token.text, type: type, path: path) } catch {
      throw QuestionError(error.message, hint: error.hint, position: token.position)
    }
  }
}

extension Catalog {
  /// Returns the spelling under which a value of the field is stored.
  ///
  /// - Throws: `QuestionError` when the field can never have that value.
  public func filterValue(_ text: String, at path: FieldPath, of event: String?) throws(QuestionError)
    -> String
  {
    guard let field = field(at: path, of: event) else {
      throw QuestionError(
        "there is no field \"\(path)\"",
        hint: Suggestion.hint(for: path.description, among: paths(of: event), of: "fields"))
    }
    return try value(text, type: field.type.scalar, path: path)
  }

  fileprivate func value(
    _ text: String, type: FieldType, path: FieldPath
  ) throws(QuestionError) -> String {
    switch type {
    case .boolean:
      switch text.lowercased() {
      case "true", "yes": return "true"
      case "false", "no": return "false"
      default: throw QuestionError("\(path) is true or false, never \"\(text)\"")
      }
    case .integer:
      guard let number = Int64(text) else {
        throw QuestionError("\(path) is a whole number, never \"\(text)\"")
      }
      return String(number)
    case .number:
      guard let number = Double(text), number.isFinite else {
        throw QuestionError("\(path) is a number, never \"\(text)\"")
      }
      return text
    case .text(.oneOf(let values)):
      if let value = values.first(where: { $0 == text })
        ?? values.first(where: { $0.lowercased() == text.lowercased() })
      {
        return value
      }
      throw QuestionError(
        "\(path) never has the value \"\(text)\"",
        hint: Suggestion.hint(for: text, among: values, of: "values"))
    case .text, .version: return text
    case .records:
      throw QuestionError("\(path) is a list of records", hint: "name one of its columns")
    case .list: return text
    }
  }
}
