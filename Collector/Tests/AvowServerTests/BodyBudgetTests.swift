import Testing

@testable import AvowServer

struct BodyBudgetTests {
  private static let mebibyte = 1 << 20

  @Test func `large bodies that stand still keep no small one out`() async {
    let budget = BodyBudget()
    var large = (0..<8).map { _ in budget.holding(of: nil) }
    for index in large.indices {
      for _ in 0..<20 { _ = budget.take(Self.mebibyte, for: &large[index]) }
    }
    // All that large ones can have is theirs.
    var next = budget.holding(of: nil)
    #expect(!budget.take(2 * Self.mebibyte, for: &next))
    var small = budget.holding(of: SenderAddress("203.0.113.1"))
    #expect(budget.take(Self.mebibyte, for: &small))
    for index in large.indices { budget.release(of: &large[index]) }
    budget.release(of: &small)
    #expect(budget.used == 0)
  }

  @Test func `a sender's many bodies leave room for other senders'`() {
    let budget = BodyBudget()
    var held: [BodyBudget.Holding] = []
    while true {
      var one = budget.holding(of: SenderAddress("203.0.113.1"))
      guard budget.take(Self.mebibyte, for: &one) else { break }
      held.append(one)
    }
    #expect(held.count == 76 + 6)
    var other = budget.holding(of: SenderAddress("203.0.113.2"))
    #expect(budget.take(Self.mebibyte, for: &other))
    budget.release(of: &held[0])
    var again = budget.holding(of: SenderAddress("203.0.113.1"))
    #expect(budget.take(Self.mebibyte, for: &again))
  }

  @Test func `what is given back in parts is all there again`() {
    let budget = BodyBudget(bytes: 8 * Self.mebibyte, small: 4 * Self.mebibyte)
    var body = budget.holding(of: nil)
    #expect(budget.take(100, for: &body) && budget.take(4 * Self.mebibyte, for: &body))
    #expect(budget.used == 4 * Self.mebibyte + 100)
    budget.release(4 * Self.mebibyte - 50, of: &body)
    #expect(budget.used == 150 && body.total == 150)
    budget.release(of: &body)
    budget.release(of: &body)
    #expect(budget.used == 0)
  }
}
