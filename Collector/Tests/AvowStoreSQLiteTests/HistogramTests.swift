import AvowStore
import AvowStoreTesting
import Testing

struct HistogramTests {
  @Test(
    arguments: [
      (0.0, 3.0, true, [0.0, 1, 2, 3, 4]),
      (1.0, 480.0, true, [1, 2, 5, 10, 20, 50, 100, 200, 500]),
      (0.03, 0.4, false, [0.02, 0.05, 0.1, 0.2, 0.5]),
      (7.0, 7.0, false, [5.0, 10]),
    ])
  func `edges are round numbers`(low: Double, high: Double, isInteger: Bool, edges: [Double]) {
    #expect(Answer.Distribution.edges(from: low, through: high, isInteger: isInteger) == edges)
  }

  @Test func `every value falls into one bin, and there are never many`() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<300 {
      let isInteger = Bool.random(using: &random)
      let scale = Int.random(in: -40...40, using: &random)
      let values = (0..<Int.random(in: 1...60, using: &random)).map { _ in
        var value = Double.random(in: -1...1, using: &random)
        for _ in 0..<abs(scale) { value *= scale > 0 ? 9 : 0.11 }
        return isInteger ? value.rounded() : value
      }.sorted()
      let found = Answer.Distribution(key: [], sorted: values, isInteger: isInteger)
      #expect(found.histogram.count <= 45)
      #expect(found.histogram.reduce(0) { $0 + $1.count } == values.count)
      for bin in found.histogram {
        #expect(bin.count == values.count { $0 >= bin.from && $0 < bin.to })
      }
    }
  }

  @Test func `a quantile is a value that occurred`() {
    let found = Answer.Distribution(key: [], sorted: (1...10).map(Double.init), isInteger: true)
    #expect([found.p50, found.p90, found.p95, found.p99] == [5, 9, 10, 10])
    #expect(found.mean == 5.5)
  }
}
