import AvowStore
import AvowWire
import GRDB

/// One filter's condition on a value as segments hold it.
struct ValueTest {
  private enum Kind {
    /// No stored value can be equal to what was asked for.
    case never
    case equals(Int64)
    case number(Double)
    case oneOf(Set<Int64>)
    case numbers([Double])
    case range(Double, Double, isNumber: Bool)
    case version(Filter.VersionComparison, String)
  }

  private let kind: Kind
  /// Holds for what the test does not hold for; absent values included.
  let isNegated: Bool
  private let texts: Texts
  private let verdicts = Verdicts()

  /// What was found of texts before: the same few come again on every day.
  private final class Verdicts {
    var known = IntegerMap()
  }

  /// - Parameter isElement: The value is an element of a list; the list's own test knows of the negation.
  init(_ test: Filter.Condition, type: FieldType, texts: Texts, isElement: Bool = false) throws {
    self.texts = texts
    switch test {
    case .equals(let text):
      kind = try Self.equals(text, type, texts)
      isNegated = false
    case .notEquals(let text):
      kind = try Self.equals(text, type, texts)
      isNegated = !isElement
    case .oneOf(let list):
      if case .number = type {
        kind = .numbers(list.compactMap(Double.init).filter { !$0.isNaN })
      } else {
        var values: Set<Int64> = []
        for text in list {
          if case .equals(let value) = try Self.equals(text, type, texts) { values.insert(value) }
        }
        kind = .oneOf(values)
      }
      isNegated = false
    case .range(let low, let high):
      kind = .range(low ?? -.infinity, high ?? .infinity, isNumber: type.keyword == "number")
      isNegated = false
    case .version(let comparison, let limit):
      kind = .version(comparison, limit)
      isNegated = false
    }
  }

  private static func equals(_ text: String, _ type: FieldType, _ texts: Texts) throws -> Kind {
    switch type {
    case .boolean: return text == "true" ? .equals(1) : text == "false" ? .equals(0) : .never
    case .integer:
      return (Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) }).map(Kind.equals) ?? .never
    case .number: return Double(text).flatMap { $0.isNaN ? nil : .number($0) } ?? .never
    case .text, .version: return try texts.code(of: text).map(Kind.equals) ?? .never
    case .list, .records: return .never
    }
  }

  @inline(__always)
  func holds(_ value: Int64, isAbsent: Bool) throws -> Bool {
    isAbsent ? isNegated : try test(value) != isNegated
  }

  private func test(_ value: Int64) throws -> Bool {
    switch kind {
    case .never: return false
    case .equals(let wanted): return value == wanted
    case .number(let wanted): return Double(bitPattern: UInt64(bitPattern: value)) == wanted
    case .oneOf(let wanted): return wanted.contains(value)
    case .numbers(let wanted): return wanted.contains(Double(bitPattern: UInt64(bitPattern: value)))
    case .range(let low, let high, let isNumber):
      let number = isNumber ? Double(bitPattern: UInt64(bitPattern: value)) : Double(value)
      return number >= low && number <= high
    case .version(let comparison, let limit):
      let known = verdicts.known.value(of: value)
      if known >= 0 { return known == 1 }
      let verdict = VersionOrder.holds(comparison, try texts.text(of: value), limit)
      verdicts.known.insert(value, verdict ? 1 : 0)
      return verdict
    }
  }
}

/// The app's dictionary of texts during one question.
final class Texts {
  private let find: Statement
  private let read: Statement
  private var known: [Int64: String] = [:]

  init(_ schema: AppSchema, _ db: Database) throws {
    find = try Statement(connection(db), "SELECT n FROM \(quoted(schema.texts)) WHERE text = ?1")
    read = try Statement(connection(db), "SELECT text FROM \(quoted(schema.texts)) WHERE n = ?1")
  }

  func code(of text: String) throws -> Int64? {
    find.bind(1, text)
    return try find.integer()
  }

  func text(of code: Int64) throws -> String {
    if let text = known[code] { return text }
    read.bind(1, code)
    defer { read.reset() }
    let text = try read.step() ? read.text(0) : ""
    known[code] = text
    return text
  }
}
