import AvowStore

/// What came of a question: its answer, or the reason why there is none.
enum Outcome: Sendable {
  case answered(Answer)
  case refused(String)

  var answer: Answer? { if case .answered(let answer) = self { answer } else { nil } }
}

/// Asks the store, several questions at once.
struct Asking: Sendable {
  let ask: @Sendable (Question) async throws -> Answer

  /// The outcome of each question, in their order. The same question asked twice is answered once.
  func callAsFunction(_ questions: [Question]) async -> [Outcome] {
    let ask = self.ask
    let distinct = Set(questions)
    let outcomes = await withTaskGroup(of: (Question, Outcome).self) { group in
      for question in distinct {
        group.addTask { (question, await Self.outcome(question, ask)) }
      }
      var found: [Question: Outcome] = [:]
      for await (question, outcome) in group { found[question] = outcome }
      return found
    }
    return questions.map { outcomes[$0] ?? .refused("The question was not answered.") }
  }

  private static func outcome(
    _ question: Question, _ ask: @Sendable (Question) async throws -> Answer
  ) async -> Outcome {
    do {
      return .answered(try await ask(question))
    } catch let error as StoreError where error.code == .unanswerable {
      return .refused(error.message)
    } catch let error as StoreError where error.code == .overloaded {
      return .refused("The collector is busy just now. Load the page again in a moment.")
    } catch {
      // What went wrong belongs in the collector's log, not on a page.
      return .refused("The store could not answer this. The collector's log says why.")
    }
  }
}

extension Answer {
  /// The total of the only series; 0 when nothing was found.
  var total: Double { series.first?.total ?? 0 }

  /// The only series' numbers, one for each period.
  var values: [Double] { series.first?.values ?? Array(repeating: 0, count: periods.count) }
}
