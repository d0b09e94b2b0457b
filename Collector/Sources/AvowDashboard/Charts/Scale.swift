/// Maps numbers from 0 up to heights, with round marks.
struct Scale: Sendable, Hashable {
  /// From 0 to the top of the chart, ascending.
  let ticks: [Double]
  var top: Double { ticks.last ?? 1 }

  /// Creates a scale whose top is a round number not below `greatest`, with three to five steps.
  init(greatest: Double, wholeNumbers: Bool = true) {
    guard greatest > 0, greatest.isFinite else {
      ticks = [0, 1]
      return
    }
    var magnitude: Double = 1
    while magnitude * 10 <= greatest / 3 { magnitude *= 10 }
    while magnitude > greatest / 3, magnitude > 1e-12 { magnitude /= 10 }
    var step = magnitude
    for factor in [1.0, 2, 2.5, 5, 10] {
      step = magnitude * factor
      if greatest / step <= 4 { break }
    }
    if wholeNumbers { step = max(1, step.rounded(.up)) }
    let count = max(1, Int((greatest / step).rounded(.up)))
    ticks = (0...count).map { Double($0) * step }
  }

  /// The share of the height at which `value` lies, from 0 to 1.
  func share(_ value: Double) -> Double { min(1, max(0, value / top)) }
}
