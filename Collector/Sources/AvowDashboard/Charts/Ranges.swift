import AvowStore

/// Quantiles of several groups side by side: a dot at p50, a line to p90, a thin one to p99.
struct Ranges: Sendable {
  let caption: String
  let labelHeading: String
  let distributions: [Answer.Distribution]
  let quantity: Quantity
  /// For each group: of how many items the number was given, `93%`; empty when not known.
  var given: [String] = []

  /// Groups that differ by more than this factor are drawn on a logarithmic axis.
  private static let wide = 40.0

  private var least: Double { distributions.map(\.p50).min() ?? 0 }
  private var greatest: Double { distributions.map(\.p99).max() ?? 0 }
  var isLogarithmic: Bool { least > 0 && greatest / least > Self.wide }

  var html: HTML {
    let hasGiven = given.contains { !$0.isEmpty }
    return """
      <div class="scroll"><table class="ranges"><caption class="unseen">\(caption)</caption><thead><tr>\
      <th scope="col">\(labelHeading)</th><td class="track"><span class="unseen">drawn</span></td>\
      <th scope="col" class="n">p50</th><th scope="col" class="n">p90</th><th scope="col" class="n">p99</th>\
      <th scope="col" class="n">values</th>\
      \(hasGiven ? "<th scope=\"col\" class=\"n\">given</th>" : .empty)</tr></thead><tbody>\
      \(distributions.enumerated().html { index, item in
        """
        <tr><th scope="row">\(Wording.key(item.key, isOther: item.isOther))</th><td class="track" aria-hidden="true">\(range(item))</td>\
        <td class="n">\(quantity.text(item.p50))</td><td class="n">\(quantity.text(item.p90))</td>\
        <td class="n">\(quantity.text(item.p99))</td><td class="n">\(Decimal.count(Double(item.count)))</td>\
        \(hasGiven ? "<td class=\"n\">\(index < given.count ? given[index] : "")</td>" : .empty)</tr>
        """
      })</tbody></table></div>
      """
  }

  private func x(_ value: Double) -> Double {
    guard greatest > 0 else { return 0 }
    guard isLogarithmic else { return 2 + max(0, value) / greatest * 96 }
    return 2 + (Self.logarithm(max(value, least)) - Self.logarithm(least))
      / (Self.logarithm(greatest) - Self.logarithm(least)) * 96
  }

  /// The logarithm to base 2: the exponent, and the significand by a series that is exact enough to draw.
  private static func logarithm(_ value: Double) -> Double {
    let z = (value.significand - 1) / (value.significand + 1)
    let square = z * z
    return Double(value.exponent) + 2 * z
      * (1 + square / 3 + square * square / 5 + square * square * square / 7) / 0.693_147_180_559_945_3
  }

  private func range(_ item: Answer.Distribution) -> HTML {
    """
    <svg class="range" width="100%" height="14"><line class="rail" x1="0" x2="100%" y1="7" y2="7"/>\
    <line class="thin" x1="\(x(item.p50))%" x2="\(x(item.p99))%" y1="7" y2="7"/>\
    <line class="thick" x1="\(x(item.p50))%" x2="\(x(item.p90))%" y1="7" y2="7"/>\
    <circle class="dot" cx="\(x(item.p50))%" cy="7" r="4"/></svg>
    """
  }
}
