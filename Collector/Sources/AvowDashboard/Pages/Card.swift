import AvowStore

/// One question on a page: its title, what the catalog says about it, the chart, and how it was counted.
struct Card: Sendable {
  var title: HTML
  /// What is shown, from the catalog.
  var lead: HTML = .empty
  var outcome: Outcome
  /// The chart.
  var figure: HTML = .empty
  /// The numbers as a table, where the chart does not print them all.
  var table: HTML = .empty
  /// What an entry with nothing in it says.
  var emptyText = "Nothing in this interval."
  var isEmpty = false
  var style = ""

  var html: HTML {
    """
    <section class="card \(style)"><h3>\(title)</h3>\(lead)\(content)</section>
    """
  }

  private var content: HTML {
    switch outcome {
    case .refused(let reason): return Self.refusal(reason)
    case .answered(let answer):
      guard !isEmpty else { return "<p class=\"none\">\(emptyText)</p>" }
      return "\(figure)\(Method(answer: answer, table: table).html)"
    }
  }

  static func refusal(_ reason: String) -> HTML {
    "<p class=\"none\"><strong>Not answered.</strong> \(reason)</p>"
  }
}

/// The line under a chart that says unit, period and basis, and unfolds to the numbers and the method.
struct Method: Sendable {
  let answer: Answer
  var table: HTML = .empty

  var html: HTML {
    """
    <details class="method"><summary>\(basis)</summary><div class="unfolded">\(explanation)\(running)\
    <p>Ask it in a terminal: <code>avow \
    ask \(answer.question.app) \(Self.shellQuoted(answer.question.text))</code></p>\
    <div class="scroll">\(table)</div></div></details>
    """
  }

  private var basis: HTML {
    """
    In \(Wording.unit(answer.unit, answer.bound)), \(DateText.interval(answer.question.interval))\(stillRunning), \
    from \(Wording.count(Double(answer.reports), .events)).
    """
  }

  private var stillRunning: String {
    guard answer.lastPeriodIsRunning else { return "" }
    let period = answer.question.period
    return period == .total ? " (still running)" : " (the last \(period.rawValue) still running)"
  }

  private var explanation: HTML {
    if case .distribution = answer.question.subject {
      return """
        <p>Half of the values are at most p50, nine in ten at most p90, 99 in a hundred at most p99.</p>
        """
    }
    return Wording.explanation(answer.unit, answer.bound).map { "<p>\($0)</p>" } ?? .empty
  }

  private var running: HTML {
    guard answer.lastPeriodIsRunning else { return .empty }
    switch answer.question.period {
    case .total: return "<p>The interval is still running, so the numbers will grow.</p>"
    case let period: return "<p>The last \(period.rawValue) is still running and drawn open.</p>"
    }
  }

  /// A text as one word of a POSIX shell.
  static func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

/// A number in large type with its name below.
struct Figure: Sendable {
  var name: String
  var value: String
  /// What it counts and how it compares.
  var note: HTML = .empty

  var html: HTML {
    "<div class=\"figure\"><dt>\(name)</dt><dd><b>\(value)</b>\(note)</dd></div>"
  }

  static func list(_ figures: [Figure]) -> HTML {
    "<dl class=\"figures\">\(figures.html(\.html))</dl>"
  }

  /// `12% more than the 28 days before (1,024)`.
  static func comparison(_ now: Double, _ before: Double, _ words: String) -> HTML {
    if before == 0 { return "<span class=\"note\">\(now == 0 ? "as" : "none") \(words)</span>" }
    let change = (now - before) / before * 100
    let size = Decimal.shortest(abs(change), places: abs(change) < 10 ? 1 : 0)
    let text =
      size == "0" ? "as many as \(words)" : "\(size)% \(change > 0 ? "more" : "fewer") than \(words)"
    let arrow = size == "0" ? "" : change > 0 ? "↑ " : "↓ "
    return
      "<span class=\"note\"><span aria-hidden=\"true\">\(arrow)</span>\(text) (\(Decimal.count(before)))</span>"
  }
}
