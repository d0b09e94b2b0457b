public import AvowStore
public import AvowWire

/// What an app publishes: a page anybody may read, and the same as JSON.
public struct PublishedPage: Sendable {
  /// One question of the catalog's `public:` list.
  public struct Question: Sendable {
    public var text: String
    /// Ascending by week.
    public var weeks: [Publication]
    /// Why it is not published at all.
    public var refusal: String?

    /// Creates a question with what was published of it, or the reason why nothing is.
    public init(text: String, weeks: [Publication] = [], refusal: String? = nil) {
      self.text = text
      self.weeks = weeks
      self.refusal = refusal
    }

    /// The weeks since the first that showed something.
    var shown: [Publication] { Array(weeks.drop { $0.status != .published }) }
  }

  let catalog: Catalog
  let questions: [Question]

  /// Creates the page.
  public init(catalog: Catalog, questions: [Question]) {
    self.catalog = catalog
    self.questions = questions
  }

  /// `{"app", "name", "questions": [{"question", "weeks": [..]}]}`.
  public var json: JSONValue {
    [
      "app": .string(catalog.app), "name": .string(catalog.name),
      "questions": .array(
        questions.map { question in
          var members: [String: JSONValue] = [
            "question": .string(question.text), "weeks": .array(question.shown.map(\.json)),
          ]
          members["refused"] = question.refusal.map(JSONValue.string)
          return .object(members)
        }),
    ]
  }

  /// The page.
  public var html: String {
    let content: HTML = """
      <div class="head"><h1>\(catalog.name) in numbers</h1><p class="lead">\(lead)</p></div>\
      \(questions.enumerated().html { section($1, number: $0) })
      """
    return Layout(
      title: "\(catalog.name) in numbers", catalog: catalog,
      menu: [
        .init(name: "In numbers", href: path, isCurrent: true),
        .init(name: "What is collected", href: "/catalog/\(catalog.app)"),
      ],
      content: content, isPublic: true
    ).html
  }

  private var path: String { "/public/\(catalog.app)" }

  private var lead: HTML {
    """
    What \(catalog.name) learns from its telemetry, for everybody. Each week is counted once, \
    \(PrivacyGate.settlingDays) days after it ended, and never changed. Groups that too few stand behind \
    are part of “all others”. The same <a href="\(path).json">as JSON</a>.
    """
  }

  private func section(_ question: Question, number: Int) -> HTML {
    let body: HTML
    if let refusal = question.refusal {
      body = "<p class=\"none\"><strong>Not published.</strong> \(refusal)</p>"
    } else if let last = question.shown.last(where: { $0.status == .published }) {
      body = figure(question, last, number: number)
    } else if let withheld = question.weeks.last(where: { $0.status == .withheld }) {
      body = "<p class=\"none\">\(Self.reason(withheld))</p>"
    } else {
      body = "<p class=\"none\">No finished week with enough behind it yet.</p>"
    }
    return """
      <section class="part"><h2>\(Wording.title(question.text))</h2><div class="card">\(body)</div></section>
      """
  }

  private func figure(_ question: Question, _ last: Publication, number: Int) -> HTML {
    let keys = Self.keys(question.shown)
    let noun = Wording.noun(last.unit)
    let values = question.shown.map { week in
      Double(week.groups.reduce(0) { $0 + $1.value })
    }
    let drawing: HTML
    if keys.count == 1, keys[0].key.isEmpty, !keys[0].isOther {
      let answer = Answer(
        question: .init(
          app: catalog.app, .activeUsers,
          interval: DayInterval(first: question.shown[0].week, last: last.week + 6),
          period: .week), unit: last.unit, bound: last.bound, periods: question.shown.map(\.week),
        lastPeriodIsRunning: false, series: [Answer.Series(key: [], values: values, total: 0)], reports: 0)
      drawing =
        TimeChart(id: "q\(number)", title: question.text, noun: noun, answer: answer, style: .columns).svg
    } else {
      let sum = last.groups.reduce(0) { $0 + $1.value }
      drawing =
        Bars(
          caption: question.text, labelHeading: "group", valueHeading: noun,
          rows: last.groups.map { group in
            Bars.Row(
              label: last.groups.count == 1 && group.isOther
                ? "all, for no group is large enough to be named"
                : Wording.key(group.key, isOther: group.isOther), value: Double(group.value),
              text: Decimal.count(Double(group.value)),
              share: last.unit == .events || last.unit == .items
                ? Decimal.percent(Double(group.value), of: Double(sum)) : "", isMuted: group.isOther)
          }
        ).html
    }
    return """
      <h3>\(Wording.title(noun)), week of \(DateText.long(last.week))</h3>\(drawing)\
      <details class="method"><summary>\(basis(last))</summary><div class="unfolded">\
      \(Wording.explanation(last.unit, last.bound).map { "<p>\($0)</p>" })\
      <div class="scroll">\(table(question, keys))</div></div></details>
      """
  }

  private func basis(_ week: Publication) -> String {
    let behind = "\(week.threshold.count) \(week.threshold.unit.rawValue)"
    let counted = Wording.unit(week.unit, week.bound)
    return week.unit == .events || week.unit == .items
      ? "In \(counted); no group is shown that fewer than \(behind) stand behind."
      : "In \(counted), rounded down to whole \(week.threshold.count)s; no group of fewer is shown."
  }

  private struct Column: Hashable {
    var key: [String?]
    var isOther: Bool
  }

  /// The groups of all weeks, those of the newest first.
  private static func keys(_ weeks: [Publication]) -> [Column] {
    var keys: [Column] = []
    for group in weeks.reversed().flatMap(\.groups) {
      let column = Column(key: group.key, isOther: group.isOther)
      if !keys.contains(column) { keys.append(column) }
    }
    return keys.filter { !$0.isOther } + keys.filter(\.isOther)
  }

  private func table(_ question: Question, _ keys: [Column]) -> HTML {
    """
    <table class="numbers"><caption>\(question.text), by week</caption><thead><tr><th scope="col">week of</th>\
    \(keys.html { "<th scope=\"col\" class=\"n\">\(Wording.key($0.key, isOther: $0.isOther))</th>" })</tr>\
    </thead><tbody>\(question.shown.reversed().html { week in
      """
      <tr><th scope="row">\(DateText.long(week.week))</th>\(week.status == .published
        ? keys.html { key in
          let group = week.groups.first { $0.key == key.key && $0.isOther == key.isOther }
          return "<td class=\"n\">\(group.map { Decimal.count(Double($0.value)) } ?? "–")</td>"
        } : "<td colspan=\"\(keys.count)\">\(Self.reason(week))</td>")</tr>
      """
    })</tbody></table>
    """
  }

  private static func reason(_ week: Publication) -> String {
    week.status == .withheld
      ? "Withheld: together with another question its numbers would tell about too few."
      : "Fewer than \(week.threshold.count) \(week.threshold.unit.rawValue)."
  }
}
