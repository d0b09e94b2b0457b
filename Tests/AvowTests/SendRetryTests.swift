import Testing

@testable import Avow

/// The state machine alone: no clock runs, nothing is sent.
@Suite struct SendRetryTests {
  private func report(_ numbers: Range<UInt32>) -> EventReport {
    Sample.report(
      Workshop.catalog, events: numbers.map { .init(number: $0, name: "list_reports", time: Sample.time) })
  }

  private func dispatch(_ count: UInt32 = 8) -> Dispatch {
    var dispatch = Dispatch()
    dispatch.begin([.init(report: report(0..<count), body: [1])])
    return dispatch
  }

  private func numbers(_ dispatch: Dispatch) -> [[UInt32]] {
    dispatch.parts.map { $0.report.events.map(\.number) }
  }

  @Test func `pauses double up to ten minutes and a random half is left away`() {
    var retry = Retry()
    for failure in 0..<12 {
      retry.failed(at: .zero, isAnswered: true, random: 0)
      #expect(retry.notBefore == min(.seconds(1 << min(failure, 20)), .seconds(300)))
      var late = retry
      late.failed(at: .zero, isAnswered: true, random: 1)
      #expect(late.notBefore <= .seconds(600))
      #expect(!retry.isNetworkDown)
    }
    retry.succeeded()
    #expect(retry == Retry() && retry.allows(at: .zero))
  }

  @Test func `when nobody answers five times in a row, at most one attempt a minute follows`() {
    for random in [0.0, 0.3, 0.999] {
      var retry = Retry()
      var now: Duration = .zero
      for failure in 1...200 {
        retry.failed(at: now, isAnswered: false, random: random)
        #expect(retry.isNetworkDown == (failure >= 5))
        if failure >= 5 { #expect(retry.notBefore - now >= .seconds(60)) }
        #expect(retry.notBefore - now <= .seconds(600))
        now = retry.notBefore
      }
      // A server that answers, however badly, is there.
      retry.failed(at: now, isAnswered: true, random: random)
      #expect(!retry.isNetworkDown)
    }
  }

  @Test func `Retry-After is the least pause, also for somebody who waits; our own pauses are not`() {
    var retry = Retry()
    retry.failed(at: .seconds(10), isAnswered: true, retryAfter: .seconds(120), random: 0)
    #expect(!retry.allows(at: .seconds(129)) && retry.allows(at: .seconds(130)))
    #expect(!retry.allows(at: .seconds(129), isAsked: true) && retry.allows(at: .seconds(130), isAsked: true))
    retry.failed(at: .seconds(130), isAnswered: false, random: 1)
    #expect(!retry.allows(at: .seconds(131)) && retry.allows(at: .seconds(131), isAsked: true))
    retry.failed(at: .zero, isAnswered: true, retryAfter: .seconds(10_000_000), random: 0)
    #expect(retry.notBefore == .seconds(86_400))
  }

  @Test(arguments: [
    ("120", Duration.seconds(120)), (" 0 ", .zero), ("99999999999999999999", .seconds(86_400)),
    ("Sun, 06 Nov 1994 08:50:37 GMT", .seconds(60)), ("Sunday, 06-Nov-94 08:50:37 GMT", .seconds(60)),
    ("Sun Nov  6 08:50:37 1994", .seconds(60)), ("Sun, 06 Nov 1994 08:00:00 GMT", .zero),
    ("Fri, 31 Dec 1999 23:59:59 GMT", .seconds(86_400)),
  ])
  func `Retry-After is read as seconds and as a date by the server's own clock`(text: String, pause: Duration)
  {
    let far = Timestamp(milliseconds: 4_000_000_000_000)
    #expect(RetryAfter.parse(text, date: "Sun, 06 Nov 1994 08:49:37 GMT", now: far) == pause)
    let now = Timestamp(milliseconds: 784_111_777_000)
    #expect(RetryAfter.parse(text, date: String?.none, now: now) == pause)
  }

  @Test(arguments: [
    "", "soon", "-5", "1.5", "Sun, 06 Nov 1994 25:00:00 GMT", "Sun, 99 Nov 1994 08:49:37 GMT", "a b c d e f",
  ])
  func `what is neither asks for nothing`(text: String) {
    #expect(RetryAfter.parse(text, date: String?.none, now: Sample.time) == nil)
  }

  @Test func `delivered and refused requests are done with, and the next follows at once`() {
    for verdict in [Verdict.delivered(accepted: 8, receipt: "r"), .refused("no")] {
      var dispatch = dispatch()
      let outcome = dispatch.answered(verdict, at: .zero, random: 0)
      #expect(outcome.isSettled && outcome.goesOn)
      #expect(outcome.accepted + outcome.refused == 8)
      #expect(dispatch.action(at: .zero, isAsked: false) == .finished)
    }
  }

  @Test func `after a failure the same part waits, body and all`() {
    var dispatch = dispatch()
    let before = dispatch.parts
    let first = dispatch.answered(.again("busy"), retryAfter: .seconds(7), at: .zero, random: 0)
    #expect(!first.goesOn && !first.isSettled && first.failure == "busy")
    #expect(dispatch.parts == before)
    #expect(dispatch.action(at: .seconds(6), isAsked: true) == .wait)
    #expect(dispatch.action(at: .seconds(7), isAsked: false) == .send(before[0]))
    let second = dispatch.failed("down", at: .seconds(7), random: 0)
    #expect(!second.goesOn && dispatch.parts == before)
    #expect(dispatch.action(at: .seconds(8), isAsked: false) == .wait)
    #expect(dispatch.action(at: .seconds(9), isAsked: false) == .send(before[0]))
  }

  @Test func `listed events are dropped and the rest goes at once`() {
    var dispatch = dispatch()
    let outcome = dispatch.answered(.without([0, 3]), at: .zero, random: 0)
    #expect(outcome.refused == 2 && outcome.goesOn && !outcome.isSettled)
    #expect(numbers(dispatch) == [[1, 2, 4, 5, 6, 7]])
    #expect(dispatch.parts[0].body == nil)
    let all = dispatch.answered(.without([0, 1, 2, 3, 4, 5]), at: .zero, random: 0)
    #expect(all.isSettled && all.refused == 6 && numbers(dispatch).isEmpty)
  }

  @Test func `throttled events wait thirty seconds behind the others, over-quota ones are given up`() {
    var dispatch = dispatch()
    let outcome = dispatch.answered(.throttled([1, 2], over: [7]), at: .seconds(5), random: 0)
    #expect(outcome.refused == 1 && !outcome.isSettled)
    #expect(numbers(dispatch) == [[0, 3, 4, 5, 6], [1, 2]])
    guard case .send = dispatch.action(at: .seconds(5), isAsked: false) else {
      Issue.record("the others wait")
      return
    }
    _ = dispatch.answered(.delivered(accepted: 5), at: .seconds(6), random: 0)
    #expect(dispatch.action(at: .seconds(34), isAsked: true) == .wait)
    #expect(dispatch.action(at: .seconds(35), isAsked: false) == .send(dispatch.parts[0]))
    let again = dispatch.answered(.throttled([0, 1]), at: .seconds(35), random: 0)
    #expect(!again.isSettled && dispatch.action(at: .seconds(64), isAsked: false) == .wait)
  }

  @Test func `a request that is too large is halved down to one event, and that is given up`() {
    var dispatch = dispatch(5)
    var sizes: [Int] = []
    var refused = 0
    while case .send(let part) = dispatch.action(at: .zero, isAsked: false) {
      sizes.append(part.report.events.count)
      let isBad = part.report.events.contains { $0.number == 3 }
      let outcome = dispatch.answered(
        isBad ? .tooLarge : .delivered(accepted: part.report.events.count), at: .zero, random: 0)
      refused += outcome.refused
    }
    #expect(sizes == [5, 2, 3, 1, 2, 1, 1] && refused == 1)
  }

  @Test func `the size that was too large is remembered and tried again only by and by`() {
    var dispatch = dispatch(400)
    _ = dispatch.answered(.tooLarge, at: .zero, random: 0)
    #expect(dispatch.ceiling == 200)
    _ = dispatch.answered(.delivered(accepted: 200), at: .zero, random: 0)
    #expect(dispatch.ceiling == 225)
    for _ in 0..<100 {
      dispatch.begin([.init(report: report(0..<1))])
      _ = dispatch.answered(.delivered(accepted: 1), at: .zero, random: 0)
    }
    #expect(dispatch.ceiling == Dispatch.largest)
  }

  /// Any order of answers: nothing is counted twice, nothing disappears uncounted, it always ends.
  @Test func `every event is accepted once, refused once, or still there`() {
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<500 {
      let total = 1 + next(12)
      var dispatch = dispatch(UInt32(total))
      var now: Duration = .zero
      var done = 0
      for step in 0..<200 {
        guard !dispatch.parts.isEmpty else { break }
        now += .seconds(700)
        guard case .send(let part) = dispatch.action(at: now, isAsked: false) else {
          Issue.record("nothing is due after every pause")
          break
        }
        let count = part.report.events.count
        let outcome: Dispatch.Outcome
        switch step < 150 ? next(7) : 0 {
        case 0: outcome = dispatch.answered(.delivered(accepted: count), at: now, random: 0)
        case 1: outcome = dispatch.answered(.refused("x"), at: now, random: 0)
        case 2: outcome = dispatch.answered(.again("x"), at: now, random: 0)
        case 3: outcome = dispatch.failed("x", at: now, random: 0)
        case 4: outcome = dispatch.answered(.tooLarge, at: now, random: 0)
        case 5: outcome = dispatch.answered(.without([next(count)]), at: now, random: 0)
        default:
          let waiting = (0..<count).filter { _ in next(2) == 0 }
          let over = (0..<count).filter { !waiting.contains($0) && next(4) == 0 }
          outcome =
            waiting.isEmpty && over.isEmpty
            ? dispatch.failed("x", at: now, random: 0)
            : dispatch.answered(.throttled(waiting, over: over), at: now, random: 0)
        }
        done += outcome.accepted + outcome.refused
        let left = numbers(dispatch).flatMap { $0 }
        #expect(done + left.count == total && Set(left).count == left.count)
      }
      #expect(dispatch.parts.isEmpty && done == total)
    }
  }
}
