import AvowWire

/// Says a field's type and limits in words.
enum FieldPhrase {
  typealias Inline = PageDocument.Inline

  static func type(of field: Field) -> [Inline] {
    if field.source == .network { return ["network part of the address (/24 or /48)"] }
    return type(field.type, unit: field.unit)
  }

  static func type(_ type: FieldType, unit: String? = nil) -> [Inline] {
    let measure = unit.map { " in \($0)" } ?? ""
    switch type {
    case .boolean: return ["yes or no"]
    case .integer(let rule):
      return [.text("whole number\(measure)" + limits(rule) { "\($0)" })]
    case .number(let rule):
      return [.text("number\(measure)" + limits(rule) { number($0) })]
    case .text(.oneOf(let values)):
      return ["one of "] + separated(values.map { .code($0) })
    case .text(.pattern(let pattern)):
      let most = (try? Pattern(pattern))?.maxLength ?? nil
      return [.text("text\(most.map { " of at most \($0) bytes" } ?? "") that matches "), .code(pattern)]
    case .text(.free(let reason, let maxLength)):
      return [.text("free text of at most \(maxLength) bytes, because: \(reason)")]
    case .version(.patch): return ["version, at most three numbers and a pre-release"]
    case .version(.minor): return ["version, major and minor number only"]
    case .version(.major): return ["version, major number only"]
    case .list(let element, let maxItems):
      return [.text("list of at most \(maxItems), each: ")] + self.type(element)
    case .records(_, let maxItems): return [.text("list of at most \(maxItems) rows")]
    }
  }

  private static func separated(_ items: [Inline]) -> [Inline] {
    items.enumerated().flatMap { index, item in index == 0 ? [item] : [.text(", "), item] }
  }

  private static func limits<Number>(_ rule: NumberRule<Number>, _ write: (Number) -> String) -> String {
    var text = ""
    switch (rule.min, rule.max) {
    case (let min?, let max?): text += ", \(write(min)) to \(write(max))"
    case (let min?, nil): text += ", at least \(write(min))"
    case (nil, let max?): text += ", at most \(write(max))"
    case (nil, nil): break
    }
    if !rule.bucket.isEmpty {
      text += ", coarsened to " + rule.bucket.map(write).joined(separator: ", ")
    }
    return text
  }

  static func number(_ value: Double) -> String {
    var writer = JSONWriter()
    writer.number(value)
    return writer.text
  }
}

extension Catalog.Retention {
  /// `13 months`, `1 day`.
  var phrase: String {
    switch self {
    case .days(1): "1 day"
    case .months(1): "1 month"
    case .years(1): "1 year"
    default: canonical
    }
  }
}

extension Catalog.Delivery {
  /// `2 seconds`, `every` left out.
  var intervalPhrase: String {
    func count(_ number: Int64, _ unit: String) -> String { number == 1 ? unit : "\(number) \(unit)s" }
    return switch everyMilliseconds {
    case let n where n % 86_400_000 == 0: count(n / 86_400_000, "day")
    case let n where n % 3_600_000 == 0: count(n / 3_600_000, "hour")
    case let n where n % 60_000 == 0: count(n / 60_000, "minute")
    case let n where n % 1000 == 0: count(n / 1000, "second")
    default: count(everyMilliseconds, "millisecond")
    }
  }
}
