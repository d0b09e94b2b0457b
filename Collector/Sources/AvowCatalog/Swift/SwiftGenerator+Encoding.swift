import AvowWire

extension SwiftGenerator {
  /// The edges of buckets, written once so that recording allocates nothing.
  func buckets(_ members: [SwiftTypes.Member], _ code: inout SwiftCode) {
    var wroteAny = false
    for member in members {
      guard let bucket = member.bucket, let edges = Self.edges(member.scalar) else { continue }
      code.assign("private static let \(bucket): [\(edges.type)] = ", .array(edges.values.map { .atom($0) }))
      wroteAny = true
    }
    if wroteAny { code.line() }
  }

  /// Writes the statement that encodes one value if it is present.
  func encode(_ member: SwiftTypes.Member, _ code: inout SwiftCode) {
    let name = SwiftNames.escaped(member.name)
    switch member.field.type {
    case .list(let element, let maxItems):
      code.block("if let \(name)") { code in
        code.line(
          "let room = encoder.beginList(field: \(member.index), count: \(name).count, maxItems: \(maxItems))"
        )
        code.line("for item in \(name).prefix(room) {")
        let statement = call(element, "item", field: 0, bucket: member.bucket)
        code.indented { $0.assign("", statement) }
        code.line("}")
        code.line("encoder.endList()")
      }
    case .records(_, let maxItems):
      code.block("if let \(name)") { code in
        code.line(
          "let room = encoder.beginRecords(field: \(member.index), count: \(name).count, maxItems: \(maxItems))"
        )
        code.line("for row in \(name).prefix(room) {")
        code.indented { $0.line("row.encode(into: &encoder)") }
        code.line("}")
        code.line("encoder.endRecords()")
      }
    case let type:
      let statement = call(type, name, field: member.index, bucket: member.bucket)
      code.line("if let \(name) {")
      code.indented { $0.assign("", statement) }
      code.line("}")
    }
  }

  private func call(_ type: FieldType, _ value: String, field: Int, bucket: String?) -> SwiftExpression {
    func encoder(_ method: String, _ value: String, _ more: [(String, String)]) -> SwiftExpression {
      let labelled = [("field", "\(field)")] + more + (bucket.map { [("bucket", "Self.\($0)")] } ?? [])
      let arguments: [(label: String?, value: SwiftExpression)] = labelled.map { ($0.0, .atom($0.1)) }
      return .call("encoder.\(method)", [(nil, .atom(value))] + arguments)
    }
    switch type {
    case .boolean: return encoder("boolean", value, [])
    case .integer(let rule):
      let low = SwiftExpression.literal(rule.min ?? -Self.integerCap)
      let high = SwiftExpression.literal(Swift.max(rule.max ?? Self.integerCap, rule.min ?? 0))
      return encoder("integer", value, [("in", "\(low)...\(high)")])
    case .number(let rule):
      let low = rule.min.map(SwiftLiteral.number) ?? "-Double.greatestFiniteMagnitude"
      let high = rule.max.map(SwiftLiteral.number) ?? "Double.greatestFiniteMagnitude"
      return encoder("number", value, [("in", "\(low)...\(high)")])
    case .text(.oneOf): return encoder("choice", "\(value).rawValue", [])
    case .text(.pattern(let source)):
      let most = (try? Pattern(source))?.maxLength ?? 256
      return encoder("text", value, [("maxLength", "\(most)")])
    case .text(.free(_, let maxLength)): return encoder("text", value, [("maxLength", "\(maxLength)")])
    case .version(let precision): return encoder("version", value, [("precision", ".\(precision.rawValue)")])
    // The reader lets neither into a list or a row.
    case .list, .records: return .atom("")
    }
  }

  /// What an integer may be when the catalog says nothing: a clock in milliseconds does not pass.
  private static let integerCap: Int64 = 1 << 40

  static func edges(_ type: FieldType) -> (type: String, values: [String])? {
    switch type {
    case .integer(let rule) where !rule.bucket.isEmpty: ("Int", rule.bucket.map(SwiftExpression.literal))
    case .number(let rule) where !rule.bucket.isEmpty: ("Double", rule.bucket.map(SwiftLiteral.number))
    default: nil
    }
  }
}
