import AvowStore
import AvowWire

/// Which fields of an app hold numbers where they once held integers, and texts where they held versions: their
/// history is theirs.
struct WidenedFields: Sendable {
  private typealias Value = MemoryEventStore.Value

  private struct Place: Hashable {
    /// `nil`: the context.
    var event: String?
    var field: String
    /// Inside records.
    var member: String?
  }

  /// By place: the type, `number` or `text`.
  private var types: [Place: String] = [:]

  private static let narrower = ["number": "integer", "text": "version"]

  /// Takes over what a catalog declares from now on.
  mutating func note(_ catalog: Catalog) {
    for field in catalog.context { note(nil, field) }
    for event in catalog.events { for field in event.properties { note(event.name, field) } }
  }

  private mutating func note(_ event: String?, _ field: Field) {
    switch field.type {
    case .list(let element, _): note(Place(event: event, field: field.name), element)
    case .records(let members, _):
      for member in members {
        note(Place(event: event, field: field.name, member: member.name), member.type)
      }
    default: note(Place(event: event, field: field.name), field.type)
    }
  }

  /// A field that is narrow again has a new column, where what comes from then on stays as it is.
  private mutating func note(_ place: Place, _ type: FieldType) {
    types[place] = Self.narrower[type.keyword] == nil ? nil : type.keyword
  }

  /// Gives an event's values the types that their fields have now.
  func widen(_ kept: inout MemoryEventStore.Kept) {
    let event = kept.stored.event
    for (name, value) in kept.context { kept.context[name] = widen(value, nil, name) }
    for (name, value) in kept.properties { kept.properties[name] = widen(value, event, name) }
    kept.stored.context = .object(kept.context.mapValues(\.json))
    kept.stored.properties = .object(kept.properties.mapValues(\.json))
  }

  private func widen(_ value: Value, _ event: String?, _ field: String, _ member: String? = nil) -> Value {
    switch value {
    case .single(let type, let json):
      guard let wide = types[Place(event: event, field: field, member: member)],
        Self.narrower[wide] == type
      else { return value }
      return .single(type: wide, wide == "number" ? .number(json.numberValue ?? 0) : json)
    case .list(let elements): return .list(elements.map { widen($0, event, field) })
    case .records(let rows):
      return .records(
        rows.map { row in
          var row = row
          for (name, cell) in row { row[name] = widen(cell, event, field, name) }
          return row
        })
    }
  }
}
