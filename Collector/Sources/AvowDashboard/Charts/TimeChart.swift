import AvowStore

/// One line of numbers over time, as SVG that is as wide as its place while its text keeps its size.
///
/// The plotted shapes lie in an inner drawing that stretches; text, rules and dots are placed by percentages.
struct TimeChart: Sendable {
  enum Style: Sendable { case area, columns }

  /// Unique on the page.
  let id: String
  let title: String
  let noun: String
  let periods: [Int]
  let values: [Double]
  let period: Question.Period
  let isRunning: Bool
  var style: Style

  /// Heights in pixels: the plot lies between `plotTop` and `plotBottom`.
  private static let height = 208.0
  private static let plotTop = 16.0
  private static let plotBottom = 176.0

  init(
    id: String, title: String, noun: String, answer: Answer, style: Style? = nil
  ) {
    self.id = id
    self.title = title
    self.noun = noun
    periods = answer.periods
    let values = answer.values
    self.values = periods.indices.map { $0 < values.count ? values[$0] : 0 }
    period = answer.question.period
    isRunning = answer.lastPeriodIsRunning && !answer.periods.isEmpty
    self.style = style ?? (answer.periods.count > 62 ? .area : .columns)
    if periods.count < 3 { self.style = .columns }
  }

  /// The drawing.
  var svg: HTML {
    let scale = Scale(greatest: values.max() ?? 0)
    return """
      <div class="plot"><svg class="chart" role="img" aria-labelledby="\(id)-t \(id)-d" width="100%" \
      height="\(Self.height)">\
      <title id="\(id)-t">\(title)</title><desc id="\(id)-d">\(summary)</desc>\
      \(rules(scale))\(style == .area ? area(scale) : columns(scale))\
      \(tickLabels)\(labels(scale))\(targets)</svg></div>
      """
  }

  /// What the chart shows, for those who do not see it.
  var summary: String {
    guard let first = periods.first, let last = periods.last else { return "Nothing in this interval." }
    let complete = isRunning ? Array(values.dropLast()) : values
    var text = "\(noun) for each \(period.rawValue), \(DateText.long(first)) to \(DateText.long(last))."
    if let greatest = complete.max(), let least = complete.min(), let at = complete.firstIndex(of: greatest),
      let low = complete.firstIndex(of: least)
    {
      text += " Most: \(Decimal.count(greatest)), \(DateText.period(periods[at], period))."
      text += " Least: \(Decimal.count(least)), \(DateText.period(periods[low], period))."
    }
    if isRunning, let now = values.last {
      text += " The last \(period.rawValue) is still running: \(Decimal.count(now)) so far."
    }
    return text
  }

  /// The same numbers as a table.
  var table: HTML {
    """
    <table class="numbers"><caption>\(title)</caption><thead><tr><th \
    scope="col">\(Wording.title(period.rawValue))</th>\
    <th scope="col" class="n">\(Wording.title(noun))</th></tr></thead><tbody>\
    \(periods.indices.html { index in
      """
      <tr><th scope="row">\(DateText.period(periods[index], period))\
      \(running(index) ? " <em>still running</em>" : .empty)</th>\
      <td class="n">\(Decimal.count(values[index]))</td></tr>
      """
    })</tbody></table>
    """
  }

  private func running(_ index: Int) -> Bool { isRunning && index == periods.count - 1 }

  private func y(_ value: Double, _ scale: Scale) -> Double {
    Self.plotBottom - scale.share(value) * (Self.plotBottom - Self.plotTop)
  }

  /// The middle of a period, in percent of the width.
  private func x(_ index: Int) -> Double { (Double(index) + 0.5) / Double(periods.count) * 100 }

  private func rules(_ scale: Scale) -> HTML {
    scale.ticks.html { tick in
      """
      <line class="\(tick == 0 ? "base" : "rule")" x1="0" x2="100%" y1="\(y(tick, scale))" \
      y2="\(y(tick, scale))"/>
      """
    }
  }

  private func labels(_ scale: Scale) -> HTML {
    scale.ticks.html { tick in
      """
      <text class="axis" x="-9" y="\(y(tick, scale) + 4)" text-anchor="end">\(Decimal.compact(tick))</text>
      """
    }
  }

  /// At most six marks below, counted back from the last; every other one is left out on a phone.
  private var tickLabels: HTML {
    guard !periods.isEmpty else { return .empty }
    let step: Int
    switch (period, periods.count) {
    case (_, ...8): step = 1
    case (.day, ...14): step = 2
    // The same weekday each time.
    case (.day, ...42): step = 7
    default: step = (periods.count + 5) / 6
    }
    let marks = stride(from: periods.count - 1, through: 0, by: -step).reversed()
    return Array(marks).enumerated().html { position, index in
      let at = x(index)
      let anchor = at > 94 ? "end" : at < 6 ? "start" : "middle"
      let place = at > 94 ? 100 : at < 6 ? 0 : at
      let isMinor = (marks.count - 1 - position) % 2 == 1
      return """
        <text class="axis\(isMinor ? " minor" : "")" x="\(place)%" y="\(Self.plotBottom + 20)" \
        text-anchor="\(anchor)">\
        \(DateText.tick(periods[index], period, withYear: spansYears))</text>
        """
    }
  }

  /// Whether a mark needs its year to be understood.
  private var spansYears: Bool { (periods.last ?? 0) - (periods.first ?? 0) > 300 }

  private func area(_ scale: Scale) -> HTML {
    let complete = isRunning ? periods.count - 1 : periods.count
    func point(_ index: Int) -> HTML { "\(Double(index) * 10 + 5),\(y(values[index], scale))" }
    let line = (0..<complete).html { "\($0 == 0 ? "M" : "L")\(point($0))" }
    let end = Double(complete - 1) * 10 + 5
    var shapes: HTML = """
      <path class="fill" d="\(line)L\(end),\(Self.plotBottom)L5,\(Self.plotBottom)Z"/><path class="line" \
      d="\(line)"/>
      """
    if isRunning, complete > 0 {
      shapes += "<path class=\"line open\" d=\"M\(point(complete - 1))L\(point(complete))\"/>"
    }
    var dots: HTML = .empty
    if complete > 0 {
      dots +=
        "<circle class=\"dot\" cx=\"\(x(complete - 1))%\" cy=\"\(y(values[complete - 1], scale))\" r=\"3.5\"/>"
    }
    if isRunning {
      dots +=
        "<circle class=\"dot open\" cx=\"\(x(complete))%\" cy=\"\(y(values[complete], scale))\" r=\"3.5\"/>"
    }
    return """
      <svg x="0" y="0" width="100%" height="\(Self.height)" viewBox="0 \
      0 \(periods.count * 10) \(Self.height)" \
      preserveAspectRatio="none" aria-hidden="true">\(shapes)</svg>\(dots)
      """
  }

  private func columns(_ scale: Scale) -> HTML {
    let slot = 100 / Double(max(1, periods.count))
    let share = periods.count > 40 ? 0.8 : periods.count < 4 ? 0.3 : 0.68
    return periods.indices.html { index in
      guard values[index] > 0 else { return .empty }
      let top = min(y(values[index], scale), Self.plotBottom - 1.5)
      return """
        <rect class="column\(running(index) ? " open" : "")" \
        x="\((Double(index) + (1 - share) / 2) * slot)%" \
        y="\(top)" width="\(slot * share)%" height="\(Self.plotBottom - top)" rx="1.5"/>
        """
    }
  }

  /// Invisible bands that show their number when pointed at.
  private var targets: HTML {
    let slot = 100 / Double(max(1, periods.count))
    return periods.indices.html { index in
      """
      <rect class="hit" x="\(Double(index) * slot)%" y="\(Self.plotTop)" width="\(slot)%" \
      height="\(Self.plotBottom - Self.plotTop)"><title>\(DateText.period(periods[index], period)): \
      \(Decimal.count(values[index])) \(noun)\(running(index) ? ", still running" : "")</title></rect>
      """
    }
  }
}
