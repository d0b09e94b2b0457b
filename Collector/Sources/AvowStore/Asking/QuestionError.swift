/// Why a text is no question: one line that says what was wrong and how to mend it.
public struct QuestionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wrong.
  public let message: String
  /// How to mend it, such as `did you mean os_name?`.
  public let hint: String?
  /// Where in the text, counted in characters from 0; `nil` when the text as a whole is at fault.
  public let position: Int?

  /// Creates an error.
  public init(_ message: String, hint: String? = nil, position: Int? = nil) {
    self.message = message
    self.hint = hint
    self.position = position
  }

  public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
