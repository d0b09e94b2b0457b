import AvowStore
import AvowWire

/// The texts that groups are called by, each with a small number.
struct GroupNames {
  /// The field was absent.
  static let none = -1

  private let texts: Texts
  /// By the type's place: the codes of values.
  private var codes: [IntegerMap] = Array(repeating: IntegerMap(), count: 7)
  private var codeOfName: [String: Int] = [:]
  private var names: [String] = []

  init(_ texts: Texts) { self.texts = texts }

  func name(_ code: Int) -> String? { code < 0 ? nil : names[code] }

  mutating func code(of name: String) -> Int {
    if let code = codeOfName[name] { return code }
    names.append(name)
    codeOfName[name] = names.count - 1
    return names.count - 1
  }

  /// Returns the number of a value. The same text from columns of different types is one group.
  mutating func code(of bits: Int64, _ type: StoredType) throws -> Int {
    let known = codes[type.place].value(of: bits)
    if known >= 0 { return Int(known) }
    let code = code(of: try text(type, bits))
    codes[type.place].insert(bits, Int32(code))
    return code
  }

  private func text(_ type: StoredType, _ bits: Int64) throws -> String {
    switch type {
    case .boolean: bits != 0 ? "true" : "false"
    case .integer, .list, .records: String(bits)
    case .number: JSONValue.number(Double(bitPattern: UInt64(bitPattern: bits))).text
    case .text, .version: try texts.text(of: bits)
    }
  }
}

extension StoredType {
  fileprivate var place: Int {
    switch self {
    case .boolean: 0
    case .integer: 1
    case .number: 2
    case .text: 3
    case .version: 4
    case .list: 5
    case .records: 6
    }
  }
}
