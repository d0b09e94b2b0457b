/// What a catalog collects beyond the one its user was last shown.
///
/// The machine remembers the whole declaration that was shown, so nothing has to be marked by hand in a
/// catalog, and a user who skips releases is told of all of it at once. Collecting less is no widening.
struct Widening: Equatable {
  /// New events, or events whose own terms became wider.
  var events: [Int] = []
  /// New or wider properties of the other events.
  var properties: [Muting.Properties] = []
  /// New or wider fields of the context.
  var context: [Int] = []
  /// Terms of everything became wider, and no part of that can be left out.
  var isOfAll = false
  /// What was added, in words, a phrase each.
  var phrases: [String] = []

  var isEmpty: Bool { phrases.isEmpty }

  /// Nothing was added.
  init() {}

  /// Compares a catalog with the canonical form of the one that was shown.
  init(from shown: JSONValue, to catalog: Catalog) {
    let old = shown["events"]?.arrayValue ?? []
    for (index, event) in catalog.events.enumerated() {
      let name = JSONValue.string(event.name)
      guard let known = old.first(where: { $0["name"] == name }) else {
        // What nobody sends yet is shown when it begins.
        if event.status == .active {
          events.append(index)
          phrases.append("the event \(event.name)")
        }
        continue
      }
      if let reason = Self.reason(known, event) {
        events.append(index)
        phrases.append("the event \(event.name) \(reason)")
        continue
      }
      let added = Self.added(event.properties, known["properties"]?.arrayValue ?? [])
      guard !added.isEmpty else { continue }
      properties.append(Muting.Properties(event: index, fields: added))
      phrases += added.map { "\(event.properties[$0].name) of the event \(event.name)" }
    }
    context = Self.added(catalog.context, shown["context"]?.arrayValue ?? [])
    phrases += context.map { "\(catalog.context[$0].name) with every event" }
    let terms = Self.terms(shown, catalog)
    isOfAll = !terms.isEmpty
    phrases += terms
  }

  /// Why an event that was shown is more than what was shown; `nil` when it is not.
  private static func reason(_ old: JSONValue, _ event: EventDeclaration) -> String? {
    if event.status == .active, old["status"] == "dormant" { return "(was declared, is sent now)" }
    if let end = old["expires"]?.stringValue {
      switch event.expires {
      case .date(let date):
        if end.hasPrefix("version") || end < date { return "(until \(date), was \(end))" }
      case .version(let version):
        if end != "version " + version { return "(until version \(version), was \(end))" }
      case .never, nil: return "(without an end, was \(end))"
      }
    }
    let kept = event.retention
    if let kept, let before = old["retention"].flatMap(days), kept.days > before {
      return "(kept for \(kept.canonical))"
    }
    return nil
  }

  private static func added(_ fields: [Field], _ old: [JSONValue]) -> [Int] {
    fields.indices.filter { index in
      let field = fields[index]
      let name = JSONValue.string(field.name)
      guard let known = old.first(where: { $0["name"] == name }) else { return true }
      if known["source"]?.stringValue != field.source?.rawValue { return true }
      guard let type = known["type"] else { return true }
      return isWider(field.type, than: type)
    }
  }

  // MARK: Types

  /// Whether a type admits a value that the shown one, in its canonical form, does not.
  private static func isWider(_ type: FieldType, than old: JSONValue) -> Bool {
    guard old["is"]?.stringValue == type.keyword else { return true }
    switch type {
    case .boolean: return false
    case .integer(let rule):
      return isWider(rule.min.map(Double.init), rule.max.map(Double.init), rule.bucket.map(Double.init), old)
    case .number(let rule): return isWider(rule.min, rule.max, rule.bucket, old)
    case .text(let rule): return isWider(rule, old)
    case .version(let precision):
      return rank(precision.rawValue) > rank(old["precision"]?.stringValue)
    case .list(let element, let maxItems):
      guard let of = old["of"], Int64(maxItems) <= old["max_items"]?.integerValue ?? 0 else { return true }
      return isWider(element, than: of)
    case .records(let fields, let maxItems):
      guard Int64(maxItems) <= old["max_items"]?.integerValue ?? 0 else { return true }
      return !added(fields, old["fields"]?.arrayValue ?? []).isEmpty
    }
  }

  private static func isWider(_ min: Double?, _ max: Double?, _ bucket: [Double], _ old: JSONValue) -> Bool {
    if let before = old["min"]?.numberValue, min.map({ $0 < before }) ?? true { return true }
    if let before = old["max"]?.numberValue, max.map({ $0 > before }) ?? true { return true }
    // Fewer edges tell less; an edge that was not there tells more.
    let edges = (old["bucket"]?.arrayValue ?? []).compactMap(\.numberValue)
    return !edges.isEmpty && (bucket.isEmpty || !bucket.allSatisfy(edges.contains))
  }

  private static func isWider(_ rule: TextRule, _ old: JSONValue) -> Bool {
    let free = old["free"]?.integerValue
    switch rule {
    case .oneOf(let values):
      if free != nil { return false }
      let before = (old["one_of"]?.arrayValue ?? []).compactMap(\.stringValue)
      return !values.allSatisfy(before.contains)
    case .pattern(let pattern): return free == nil && old["pattern"]?.stringValue != pattern
    case .free(_, let maxLength): return Int64(maxLength) > free ?? 0
    }
  }

  private static func rank(_ precision: String?) -> Int {
    ["major", "minor", "patch"].firstIndex { $0 == precision } ?? -1
  }

  // MARK: Terms of everything

  private static func terms(_ shown: JSONValue, _ catalog: Catalog) -> [String] {
    var terms: [String] = []
    if let before = shown["retention"].flatMap(days), catalog.retention.days > before {
      terms.append("everything is kept for \(catalog.retention.canonical)")
    }
    let identity = shown["identity"]
    let users: [Catalog.Identity.User] = [.none, .process, .installation]
    if rises(users.map(\.rawValue), identity?["user"], catalog.identity.user.rawValue) {
      terms.append("users are told apart by \(catalog.identity.user.rawValue)")
    }
    let rotations: [Catalog.Identity.Rotation] = [.day, .week, .month, .year, .never]
    if rises(rotations.map(\.rawValue), identity?["rotate"], catalog.identity.rotate.rawValue) {
      terms.append("a user's identifier changes less often")
    }
    if identity?["session"] == "none", catalog.identity.session != .none {
      terms.append("the events of one run are known to belong together")
    }
    if shown["consent"]?["ci"] == false, catalog.consent.reportsInCI {
      terms.append("continuous integration reports too")
    }
    if let before = shown["consent"]?["opt_out"]?.objectValue {
      let now = catalog.consent.variables.map(\.name)
      for name in PlainText.ordered(Array(before.keys)) where !now.contains(name) {
        terms.append("\(name) no longer switches off")
      }
    }
    if let to = catalog.delivery.to, shown["delivery"]?["to"]?.stringValue != to {
      terms.append("events go to \(to)")
    }
    let promised = (shown["never"]?.arrayValue ?? []).compactMap(\.stringValue)
    let kept = catalog.never.compactMap { if case .kind(let kind) = $0 { kind.rawValue } else { nil } }
    terms += promised.filter { !kept.contains($0) }.map { "the promise never to collect \($0) is gone" }
    return terms
  }

  private static func rises(_ order: [String], _ old: JSONValue?, _ new: String) -> Bool {
    guard let before = order.firstIndex(where: { $0 == old?.stringValue }),
      let now = order.firstIndex(of: new)
    else { return false }
    return now > before
  }

  /// The days of a canonical retention such as `13 months`.
  private static func days(_ text: JSONValue) -> Int? {
    let words = PlainText.words((text.stringValue ?? "")[...], between: " ")
    guard words.count == 2, let count = PlainText.number(words[0]).map({ Int($0) }) else { return nil }
    return switch words[1] {
    case "days": Catalog.Retention.days(count).days
    case "months": Catalog.Retention.months(count).days
    case "years": Catalog.Retention.years(count).days
    default: nil
    }
  }
}
