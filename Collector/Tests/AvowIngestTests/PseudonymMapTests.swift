import AvowWire
import Testing

@testable import AvowIngest

struct PseudonymMapTests {
  private func id(_ number: UInt64) -> Identifier128 { Identifier128(high: number, low: number) }

  @Test func `what was kept is found, the rest is not`() {
    var map = PseudonymMap(capacity: 1024)
    for number in 1...200 as ClosedRange<UInt64> { map.insert(id(number), id(number + 1000)) }
    let found = (1...200 as ClosedRange<UInt64>).map { map.find(id($0)) }
    #expect(found == (1001...1200 as ClosedRange<UInt64>).map { id($0) })
    let unknown = map.find(id(201))
    #expect(unknown == nil)
  }

  @Test func `a full set forgets the one that was asked for longest ago`() {
    var map = PseudonymMap(capacity: 4)
    for number in 1...4 as ClosedRange<UInt64> { map.insert(id(number), id(number)) }
    let first = map.find(id(1))
    map.insert(id(5), id(5))
    let left = (1...5 as ClosedRange<UInt64>).filter { map.find(id($0)) != nil }
    #expect(first != nil && left == [1, 3, 4, 5])
  }
}
