/// How lines of text are laid out and drawn.
extension AnswerText {
  /// Lays rows out in columns, the first to the left, the others to the right, then what `tail` draws.
  func table(_ rows: [[String]], tail: (Int, Int) -> String) -> [String] {
    guard let columns = rows.map(\.count).max() else { return [] }
    let first = min(max(20, width / 2), rows.map { $0[0].count }.max() ?? 0)
    let widths = (0..<columns).map { column in
      column == 0 ? first : rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let room = max(8, width - widths.reduce(0) { $0 + $1 + 2 })
    return rows.enumerated().map { index, row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let text = cell.count > widths[column] ? String(cell.prefix(widths[column] - 1)) + "…" : cell
        let padding = String(repeating: " ", count: widths[column] - text.count)
        line += (column == 0 ? text + padding : padding + text) + "  "
      }
      line += tail(index, room)
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  /// A bar to an eighth of a column; anything above nothing shows at least a sliver.
  static func bar(_ value: Double, of greatest: Double, width: Int) -> String {
    guard greatest > 0, value > 0 else { return "" }
    let eighths = max(1, Int((value / greatest * Double(width * 8)).rounded()))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
  }

  /// A line of eight heights; where there are more values than columns, each shows the mean of its values.
  static func sparkline(_ values: [Double], width: Int) -> String {
    guard !values.isEmpty, width > 0 else { return "" }
    let columns = min(width, values.count)
    // Not the sum: some columns stand for one value more than others.
    let means = (0..<columns).map { column in
      let slice = values[(column * values.count / columns)..<((column + 1) * values.count / columns)]
      return slice.reduce(0, +) / Double(slice.count)
    }
    let greatest = means.max() ?? 0
    let heights = Array("▁▂▃▄▅▆▇█")
    return String(means.map { greatest > 0 ? heights[min(7, Int($0 / greatest * 7.999))] : heights[0] })
  }

  /// `text` without anything a terminal would act on.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
          default: scalar
          }
        }))
  }
}
