import AvowStore

/// How a number is spread: a column for each bin and marks at the quantiles.
struct Histogram: Sendable {
  let id: String
  let title: String
  let distribution: Answer.Distribution
  let quantity: Quantity

  private static let height = 176.0
  private static let plotTop = 30.0
  private static let plotBottom = 148.0

  private var bins: [Answer.Distribution.Bin] { distribution.histogram }

  var svg: HTML {
    let scale = Scale(greatest: Double(bins.map(\.count).max() ?? 0))
    return """
      <svg class="chart" role="img" aria-labelledby="\(id)-t \(id)-d" width="100%" height="\(Self.height)">\
      <title id="\(id)-t">\(title)</title><desc id="\(id)-d">\(summary)</desc>\
      <line class="base" x1="0" x2="100%" y1="\(Self.plotBottom)" y2="\(Self.plotBottom)"/>\
      \(columns(scale))\(marks)\(edges)</svg>
      """
  }

  var summary: String {
    """
    \(Decimal.count(Double(distribution.count))) values from \(quantity.text(distribution.min)) to \
    \(quantity.text(distribution.max)). Half are at most \(quantity.text(distribution.p50)), nine in ten \
    at most \
    \(quantity.text(distribution.p90)), 99 in a hundred at most \(quantity.text(distribution.p99)).
    """
  }

  var table: HTML {
    """
    <table class="numbers"><caption>\(title)</caption><thead><tr><th scope="col">From</th><th \
    scope="col">To</th>\
    <th scope="col" class="n">Values</th></tr></thead><tbody>\(bins.html { bin in
      """
      <tr><th scope="row">\(quantity.text(bin.from))</th><td>\(quantity.text(bin.to))</td>\
      <td class="n">\(Decimal.count(Double(bin.count)))</td></tr>
      """
    })</tbody></table>
    """
  }

  private func columns(_ scale: Scale) -> HTML {
    let slot = 100 / Double(max(1, bins.count))
    return bins.indices.html { index in
      let bin = bins[index]
      let top = Self.plotBottom - scale.share(Double(bin.count)) * (Self.plotBottom - Self.plotTop)
      let y = bin.count > 0 ? min(top, Self.plotBottom - 1.5) : Self.plotBottom
      return """
        <rect class="column" x="\((Double(index) + 0.04) * slot)%" y="\(y)" width="\(slot * 0.92)%" \
        height="\(Self.plotBottom - y)" rx="1.5"/><rect class="hit" x="\(Double(index) * slot)%" \
        y="\(Self.plotTop)" \
        width="\(slot)%" height="\(Self.plotBottom - Self.plotTop)"><title>\(quantity.text(bin.from)) to \
        \(quantity.text(bin.to)): \(Decimal.count(Double(bin.count))) values</title></rect>
        """
    }
  }

  /// Where a value lies, in percent of the width: bins are equally wide, whatever they span.
  private func x(_ value: Double) -> Double? {
    guard let first = bins.first, let last = bins.last, value >= first.from, value <= last.to else {
      return nil
    }
    let index = bins.lastIndex { $0.from <= value } ?? 0
    let bin = bins[index]
    let inside = bin.to > bin.from ? min(1, (value - bin.from) / (bin.to - bin.from)) : 0.5
    return (Double(index) + inside) / Double(bins.count) * 100
  }

  /// Marks at the quantiles; one too near to the mark before keeps its line and loses its name.
  private var marks: HTML {
    var last = -100.0
    return [("p50", distribution.p50), ("p90", distribution.p90), ("p99", distribution.p99)].html {
      name, value in
      guard let x = x(value) else { return .empty }
      let isNamed = x - last >= 9
      if isNamed { last = x }
      // A name near an edge grows inwards.
      let anchor = x > 95 ? "end" : x < 5 ? "start" : "middle"
      let label: HTML = """
        <text class="axis strong" x="\(x)%" y="\(Self.plotTop - 15)" text-anchor="\(anchor)">\(name)</text>
        """
      return """
        <line class="mark" x1="\(x)%" x2="\(x)%" y1="\(Self.plotTop - 10)" y2="\(Self.plotBottom)"/>\
        \(isNamed ? label : .empty)
        """
    }
  }

  /// The edges of up to four groups of bins; on a phone every other one is left out.
  private var edges: HTML {
    guard let last = bins.last else { return .empty }
    let y = Self.plotBottom + 20
    let parts = min(4, bins.count)
    let inner = (0..<parts).html { part in
      let index = part * bins.count / parts
      return """
        <text class="axis\(part % 2 == 1 ? " minor" : "")" \
        x="\(Double(index) / Double(bins.count) * 100)%" y="\(y)" \
        text-anchor="\(part == 0 ? "start" : "middle")">\(quantity.axis(bins[index].from))</text>
        """
    }
    return """
      \(inner)<text class="axis" x="100%" y="\(y)" text-anchor="end">\(quantity.axis(last.to))</text>
      """
  }

  /// Whether the columns stand for steps of different widths, which a reader must be told.
  var isUneven: Bool {
    let widths = bins.map { $0.to - $0.from }
    return (widths.max() ?? 0) > (widths.min() ?? 0) * 1.5
  }
}
