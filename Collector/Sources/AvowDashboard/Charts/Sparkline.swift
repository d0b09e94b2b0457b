/// A small line without axes, beside the number it belongs to.
struct Sparkline: Sendable {
  let title: String
  let values: [Double]
  let isRunning: Bool
  var height = 32.0

  var svg: HTML {
    guard values.count > 1, let greatest = values.max(), greatest > 0 else {
      return """
        <svg class="spark" role="img" width="100%" height="\(height)"><title>\(title)</title>\
        <line class="base" x1="0" x2="100%" y1="\(height - 2)" y2="\(height - 2)"/></svg>
        """
    }
    func point(_ index: Int) -> HTML {
      "\(index * 4),\(height - 2 - values[index] / greatest * (height - 5))"
    }
    let complete = isRunning ? values.count - 1 : values.count
    let line = (0..<complete).html { "\($0 == 0 ? "M" : "L")\(point($0))" }
    let rest: HTML? =
      isRunning
      ? "<path class=\"line open\" d=\"M\(point(complete - 1))L\(point(complete))\"/>" : nil
    return """
      <svg class="spark" role="img" width="100%" height="\(height)" viewBox="0 \
      0 \((values.count - 1) * 4) \(height)" \
      preserveAspectRatio="none"><title>\(title)</title><path class="fill" \
      d="\(line)L\((complete - 1) * 4),\(height - 2)\
      L0,\(height - 2)Z"/><path class="line" d="\(line)"/>\(rest)</svg>
      """
  }
}
