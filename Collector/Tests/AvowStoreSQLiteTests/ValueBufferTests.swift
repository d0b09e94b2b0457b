import AvowStore
import AvowStoreTesting
import Testing

@testable import AvowStoreSQLite

struct ValueBufferTests {
  /// What a block's values are like.
  private enum Kind: CaseIterable { case tenths, thousandths, whole, wide, measured, few }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8]) func `many values are described as if they were all sorted`(
    seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    // One kind alone, or all of them mixed.
    let kinds = seed <= 6 ? [Kind.allCases[Int(seed) - 1]] : Kind.allCases
    let buffer = ValueBuffer()
    let decoder = ColumnDecoder()
    var all: [Double] = []
    for block in 0..<30 {
      let kind = kinds[.random(in: 0..<kinds.count, using: &random)]
      let values = (0..<1000).map { _ -> Double in
        switch kind {
        case .tenths: Double(Int.random(in: -300...9000, using: &random)) / 10
        case .thousandths: Double(Int.random(in: 0...(40_000 + block * 1000), using: &random)) / 1000
        case .whole: Double(Int.random(in: -50...70_000, using: &random))
        case .wide: Double(Int.random(in: 0...(1 << 40), using: &random))
        case .measured: .random(in: 0...500, using: &random)
        case .few: Double(Int.random(in: 1...6, using: &random)) / 4
        }
      }
      let bytes = PackedColumn.encode(
        values.map { Int64(bitPattern: $0.bitPattern) }, present: nil, isNumber: true)
      try bytes.withUnsafeBytes { try decoder.decode($0) }
      // Some rows only, and in every other block some of them more than once.
      var chosen = (0..<Int32(1000)).filter { _ in Int.random(in: 0..<10, using: &random) > 0 }
      var weights = values.map { _ in Int64.random(in: 1...3, using: &random) }
      let isWeighted = block % 2 == 1
      for row in chosen {
        for _ in 0..<(isWeighted ? weights[Int(row)] : 1) { all.append(values[Int(row)]) }
      }
      chosen.withUnsafeMutableBufferPointer { chosen in
        weights.withUnsafeMutableBufferPointer { weights in
          guard let rows = chosen.baseAddress else { return }
          buffer.append(
            decoder, rows, count: chosen.count, weights: isWeighted ? weights.baseAddress : nil,
            isNumber: true)
        }
      }
    }
    let found = try #require(buffer.distribution(key: []))
    let expected = Answer.Distribution(
      key: [], sorted: all.sorted(), isInteger: all.allSatisfy { $0 == $0.rounded() })
    #expect(all.count > 20_000 && found.count == all.count)
    #expect([found.min, found.max] == [expected.min, expected.max])
    #expect(
      [found.p50, found.p90, found.p95, found.p99]
        == [expected.p50, expected.p90, expected.p95, expected.p99])
    #expect(found.histogram == expected.histogram)
    #expect(abs(found.mean - expected.mean) <= abs(expected.mean) * 1e-9)
  }
}
