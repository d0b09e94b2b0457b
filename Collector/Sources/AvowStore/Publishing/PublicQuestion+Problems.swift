public import AvowWire

extension PublicQuestion {
  /// A line of `public:` that publishes nothing, or may not.
  public struct Problem: Sendable, Hashable {
    /// The question as the catalog has it.
    public var text: String
    /// What is wrong and how to mend it.
    public var reason: String
  }

  /// What of a catalog's `public:` list cannot be published.
  public static func problems(of catalog: Catalog) -> [Problem] {
    var problems: [Problem] = []
    var accepted: [PublicQuestion] = []
    for listed in catalog.published {
      do throws(QuestionError) {
        let question = try PublicQuestion(listed.text, catalog: catalog)
        if accepted.contains(question) {
          problems.append(Problem(text: listed.text, reason: "\"\(question.phrase)\" is in the list twice"))
        } else if let conflict = accepted.lazy.compactMap({ question.conflict(with: $0) }).first {
          problems.append(Problem(text: listed.text, reason: "\(conflict); publish one of them"))
        } else {
          accepted.append(question)
        }
      } catch {
        problems.append(Problem(text: listed.text, reason: "\(error)"))
      }
    }
    return problems
  }
}
