import AvowStore
import AvowWire

/// An app's first page: the questions of its catalog, each with the chart that answers it.
struct OverviewPage: Sendable {
  let catalog: Catalog
  let scope: Scope
  let asking: Asking

  private var page: String { "/apps/\(catalog.app)" }

  /// A part of the page: the questions printed above it.
  private struct Part {
    var topics: [Topic]
    var questions: [String]
  }

  var html: String {
    get async {
      var batch = Batch()
      let activity = ActivityPart(catalog: catalog, scope: scope, page: page, batch: &batch)
      let features = FeaturesPart(catalog: catalog, scope: scope, batch: &batch)
      var environment: [FieldChart] = []
      for field in catalog.context {
        var chart = FieldChart(
          catalog: catalog, path: FieldPath(field.name), field: field, event: nil, scope: scope, page: page,
          counting: catalog.identity.user == .none ? .events : .users)
        chart.plan(&batch)
        environment.append(chart)
      }
      let parts = parts
      let fields = parts.indices.map { index in
        PartFields(
          catalog: catalog, scope: scope, page: page, topics: parts[index].topics, part: index, batch: &batch)
      }
      await batch.ask(asking)
      let users = await features.users(batch, asking)

      let whole = batch[activity.totalUsers].answer?.total
      for index in environment.indices where catalog.identity.user != .none {
        environment[index].whole = whole
      }
      let sections = zip(parts, fields).html { part, fields in
        section(
          part.questions,
          part.topics.html { topic in
            switch topic {
            case .activity: activity.html(batch)
            case .features: features.html(batch, users: users)
            case .environment: Self.environment(environment, batch, whole: batch[activity.totalUsers].answer)
            case .field: .empty
            }
          } + fields.html(batch))
      }
      let content: HTML = """
        <div class="head"><h1>\(catalog.name)</h1>\(catalog.purpose.map { "<p class=\"lead\">\($0)</p>" })</div>\
        \(ScopeBar(path: page, scope: scope, catalog: catalog).html)\(sections)\(unanswered)
        """
      return Layout(
        title: "\(catalog.name) · Avow", catalog: catalog,
        menu: Layout.menu(of: catalog, scope: scope, current: "overview"), content: content
      ).html
    }
  }

  /// The catalog's questions in their order, then what no question asked for.
  private var parts: [Part] {
    var parts: [Part] = []
    for question in catalog.questions {
      let topics = Topic.topics(of: question, catalog: catalog)
      guard !topics.isEmpty else { continue }
      if let index = parts.firstIndex(where: { Set($0.topics).isSuperset(of: topics) }) {
        parts[index].questions.append(question)
      } else {
        parts.append(Part(topics: topics, questions: [question]))
      }
    }
    let asked = Set(parts.flatMap(\.topics))
    let rest: [(Topic, String)] = [
      (.activity, "How many use it?"), (.features, "What is used most?"),
      (.environment, "Where does it run?"),
    ]
    for (topic, question) in rest where !asked.contains(topic) {
      parts.append(Part(topics: [topic], questions: [question]))
    }
    return parts
  }

  private func section(_ questions: [String], _ body: HTML) -> HTML {
    """
    <section class="part"><h2>\(questions[0])</h2>\
    \(questions.dropFirst().html { "<p class=\"also\">\($0)</p>" })\(body)</section>
    """
  }

  /// Questions that no chart answers are shown all the same: an honest gap.
  private var unanswered: HTML {
    let questions = catalog.questions.filter { Topic.topics(of: $0, catalog: catalog).isEmpty }
    guard !questions.isEmpty else { return .empty }
    return """
      <section class="part"><h2>Also asked in the catalog</h2><ul \
      class="open">\(questions.html { "<li>\($0)</li>" })</ul>\
      <p class="about">No single chart answers these. The <a \
      href="\(scope.href("\(page)/events"))">events</a> and their \
      properties may.</p></section>
      """
  }

  private static func environment(_ charts: [FieldChart], _ batch: Batch, whole: Answer?) -> HTML {
    let note: HTML
    if let whole {
      note = """
        <p class="about">Shares are of \
        all \(Decimal.count(whole.total)) \(Wording.unit(whole.unit, whole.bound)) \
        of the interval. One that changed, such as by an update, is in several rows.</p>
        """
    } else {
      note = "<p class=\"about\">Counted in events, because no user is told apart.</p>"
    }
    return "\(charts.isEmpty ? .empty : note)<div class=\"grid\">\(charts.html { $0.html(batch) })</div>"
  }
}
