public import AvowWire

extension ResolvedQuestion {
  /// A declared field that holds one value, or many inside a list.
  public struct Column: Sendable, Equatable {
    /// Where the field is declared.
    public enum Place: Sendable, Hashable { case context, property }

    /// A list or the list of records that holds the field's values.
    public struct List: Sendable, Hashable {
      public var place: Place
      /// The index of the list among the context's fields or the event's properties.
      public var field: Int
      /// Whether the items are records, so that conditions on several columns speak of one item.
      public var isRecords: Bool
    }

    public var place: Place
    /// The index among the context's fields or the event's properties.
    public var field: Int
    /// The index of the column inside records.
    public var member: Int?
    public var list: List?
    /// The type of one value: never a list, never records.
    public var type: FieldType
    /// The name as asked for.
    public var name: String

    /// Whether values are numbers, so that ranges and quantiles mean something.
    public var isNumeric: Bool {
      switch type {
      case .integer, .number: true
      default: false
      }
    }
  }
}

/// Why a path leads nowhere; `nil` when nothing of that name is declared.
struct FieldProblem: Error {
  var reason: String?
}

extension ResolvedQuestion.Column {
  static func find(
    _ path: FieldPath, event: Int, in catalog: Catalog
  ) -> Result<Self, FieldProblem> {
    guard let name = path.components.first, path.components.count <= 2 else {
      return .failure(FieldProblem())
    }
    let properties = catalog.events[event].properties
    if let field = properties.firstIndex(where: { $0.name == name }) {
      return find(path, place: .property, field: field, type: properties[field].type)
    }
    if let field = catalog.context.firstIndex(where: { $0.name == name }) {
      return find(path, place: .context, field: field, type: catalog.context[field].type)
    }
    return .failure(FieldProblem())
  }

  private static func find(
    _ path: FieldPath, place: Place, field: Int, type: FieldType
  ) -> Result<Self, FieldProblem> {
    let text = path.description
    let member = path.components.dropFirst().first
    switch (type, member) {
    case (.records(let columns, _), let member?):
      guard let index = columns.firstIndex(where: { $0.name == member }), columns[index].type.isScalar
      else { return .failure(FieldProblem()) }
      let list = List(place: place, field: field, isRecords: true)
      return .success(
        Self(place: place, field: field, member: index, list: list, type: columns[index].type, name: text))
    case (.records(let columns, _), nil):
      let example = columns.first.map { ", such as \"\(text).\($0.name)\"" } ?? ""
      return .failure(
        FieldProblem(reason: "\"\(text)\" is a list of records: name one of its columns\(example)"))
    case (.list(let element, _), nil) where element.isScalar:
      let list = List(place: place, field: field, isRecords: false)
      return .success(Self(place: place, field: field, member: nil, list: list, type: element, name: text))
    case (_, nil) where type.isScalar:
      return .success(Self(place: place, field: field, member: nil, list: nil, type: type, name: text))
    default:
      return .failure(FieldProblem())
    }
  }
}

extension FieldType {
  /// Whether a value of this type is one value: no list, no records.
  public var isScalar: Bool {
    switch self {
    case .list, .records: false
    default: true
    }
  }
}
