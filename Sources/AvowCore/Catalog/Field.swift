/// A declared value: of the context, a property of an event, or a column of a list of records.
public struct Field: Sendable, Equatable {
  /// `[a-z][a-z0-9_]{0,63}`.
  public var name: String
  public var type: FieldType
  /// What the value is, for the page.
  public var description: String?
  /// Why it is collected; properties inherit their event's reason.
  public var why: String?
  /// The unit as declared (`bytes`, `s`, `ms`, `reports` ...).
  public var unit: String?
  /// Where a context value comes from; `nil` means the host program gives it.
  public var source: StandardField?
  /// The release of the tool that first sent it.
  public var since: String?
  /// A word of the maintainer's about how sensitive the value is.
  public var sensitivity: String?
  /// Why a name that sounds personal is harmless.
  public var safe: String?
  /// The key under which our own encoders of foreign formats send it; `nil` is `name`.
  public var wire: String?

  /// Creates a declared value.
  public init(
    _ name: String, _ type: FieldType, description: String? = nil, why: String? = nil,
    unit: String? = nil, source: StandardField? = nil, since: String? = nil,
    sensitivity: String? = nil, safe: String? = nil, wire: String? = nil
  ) {
    self.name = name
    self.type = type
    self.description = description
    self.why = why
    self.unit = unit
    self.source = source
    self.since = since
    self.sensitivity = sensitivity
    self.safe = safe
    self.wire = wire
  }
}

/// The declared type of a value.
public indirect enum FieldType: Sendable, Equatable {
  case boolean
  case integer(NumberRule<Int64> = NumberRule())
  case number(NumberRule<Double> = NumberRule())
  case text(TextRule)
  /// At most three numeric parts and a known pre-release.
  case version(Precision = .patch)
  case list(of: FieldType, maxItems: Int = 64)
  /// Rows, each with these fields; stored as child rows of the one event.
  case records([Field], maxItems: Int = 64)

  /// The word of the grammar for this type.
  public var keyword: String {
    switch self {
    case .boolean: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .text: "text"
    case .version: "version"
    case .list: "list"
    case .records: "records"
    }
  }

  /// How many parts of a version are kept.
  public enum Precision: String, Sendable, Hashable, CaseIterable {
    case major, minor, patch
  }
}

/// The limits of a numeric value.
public struct NumberRule<Number: Sendable & Equatable>: Sendable, Equatable {
  public var min: Number?
  public var max: Number?
  /// Lower edges, ascending: a value is coarsened to the greatest edge not above it.
  public var bucket: [Number]

  /// Creates the limits; absent ones are the grammar's defaults.
  public init(min: Number? = nil, max: Number? = nil, bucket: [Number] = []) {
    self.min = min
    self.max = max
    self.bucket = bucket
  }
}

/// What a text may be.
public enum TextRule: Sendable, Equatable {
  /// One of a closed set, matched in any letter case and stored in the declared spelling.
  case oneOf([String])
  /// The whole text matches: literals, classes, `?`, `{m,n}`, alternation at the top.
  case pattern(String)
  /// Anything up to `maxLength` bytes; the reason is printed on the page.
  case free(reason: String, maxLength: Int)
}
