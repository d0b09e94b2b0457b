/// Horizontal bars as a table: the numbers are text in their cells, so that chart and table are one thing.
struct Bars: Sendable {
  struct Row: Sendable {
    var label: String
    /// Where the label leads; `nil` is plain text.
    var href: String?
    /// What following the link does.
    var hint: String?
    var value: Double
    /// The value as text with its unit left to the heading.
    var text: String
    /// `62%`; empty where shares mean nothing.
    var share: String
    /// Absent values and what was added up are drawn lighter.
    var isMuted = false
  }

  let caption: String
  /// The headings of the label, the value and the share.
  let labelHeading: String
  let valueHeading: String
  let rows: [Row]

  var html: HTML {
    let greatest = rows.map(\.value).max() ?? 0
    let hasShares = rows.contains { !$0.share.isEmpty }
    return """
      <table class="bars"><caption class="unseen">\(caption)</caption><thead class="unseen"><tr>\
      <th scope="col">\(labelHeading)</th><th scope="col">\(valueHeading)</th>\
      \(hasShares ? "<th scope=\"col\">share</th>" : .empty)</tr></thead>\
      <tbody>\(rows.html { row($0, greatest, hasShares) })</tbody></table>
      """
  }

  private func row(_ row: Row, _ greatest: Double, _ hasShares: Bool) -> HTML {
    let label: HTML =
      if let href = row.href { "<a href=\"\(href)\" title=\"\(row.hint ?? "")\">\(row.label)</a>" } else {
        "\(row.label)"
      }
    let share: HTML? = hasShares ? "<td class=\"n share\">\(row.share)</td>" : nil
    return """
      <tr\(row.isMuted ? " class=\"muted\"" : .empty)><th scope="row">\(label)</th><td \
      class="n">\(row.text)</td>\(share)\
      <td class="track" aria-hidden="true">\(Self.bar(row.value, of: greatest))</td></tr>
      """
  }

  /// One bar, as wide as its share of the place.
  static func bar(_ value: Double, of greatest: Double) -> HTML {
    let width = greatest > 0 ? max(value > 0 ? 0.6 : 0, value / greatest * 100) : 0
    return """
      <svg class="bar" width="100%" height="6"><rect class="rail" width="100%" height="6" rx="3"/>\
      <rect class="column" width="\(width)%" height="6" rx="3"/></svg>
      """
  }
}
