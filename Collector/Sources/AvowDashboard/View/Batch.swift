import AvowStore

/// Questions collected while a page is planned, asked together, their outcomes found again by number.
struct Batch: Sendable {
  private(set) var questions: [Question] = []
  private var outcomes: [Outcome] = []

  /// Adds a question and returns the number under which its outcome is found.
  mutating func add(_ question: Question) -> Int {
    questions.append(question)
    return questions.count - 1
  }

  mutating func ask(_ asking: Asking) async {
    outcomes = await asking(questions)
  }

  subscript(number: Int) -> Outcome {
    number < outcomes.count ? outcomes[number] : .refused("The question was not asked.")
  }
}
