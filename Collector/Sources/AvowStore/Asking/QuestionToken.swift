/// A word, a quoted text, a comma or a comparison of a question.
struct QuestionToken: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case word, quoted, comma
    /// `=`, `!=`, `>=`, `<=`, `>`, `<`.
    case comparison
  }

  var kind: Kind
  var text: String
  /// In characters from the start of the question.
  var position: Int

  /// Whether this is the keyword `word`, in any case; a quoted text never is.
  func `is`(_ word: String) -> Bool { kind == .word && text.lowercased() == word }

  /// Cuts a question into tokens. Parentheses count as white space, so `in (a, b)` reads as one expects.
  static func tokens(of text: String) throws(QuestionError) -> [QuestionToken] {
    let characters = Array(text)
    guard characters.count <= 2_000 else {
      throw QuestionError("the question is longer than 2000 characters", hint: "ask something shorter")
    }
    var tokens: [QuestionToken] = []
    var index = 0
    while index < characters.count {
      let start = index
      let character = characters[index]
      index += 1
      switch character {
      case let space where space.isWhitespace: continue
      case "(", ")": continue
      case ",": tokens.append(QuestionToken(kind: .comma, text: ",", position: start))
      case "=", "!", "<", ">":
        var sign = String(character)
        if index < characters.count,
          characters[index] == "=" || (character == "<" && characters[index] == ">")
        {
          sign.append(characters[index])
          index += 1
        }
        switch sign {
        case "==": sign = "="
        case "<>": sign = "!="
        case "!": throw QuestionError("\"!\" alone compares nothing", hint: "write !=", position: start)
        default: break
        }
        tokens.append(QuestionToken(kind: .comparison, text: sign, position: start))
      case "\"", "'":
        var value = ""
        while true {
          guard let end = characters[index...].firstIndex(of: character) else {
            throw QuestionError(
              "a quotation mark is not closed", hint: "add another \(character)", position: start)
          }
          value += String(characters[index..<end])
          index = end + 1
          // A doubled mark inside stands for itself.
          guard index < characters.count, characters[index] == character else { break }
          value.append(character)
          index += 1
        }
        tokens.append(QuestionToken(kind: .quoted, text: value, position: start))
      default:
        while index < characters.count, !characters[index].isWhitespace,
          !",=!<>()\"'".contains(characters[index])
        {
          index += 1
        }
        tokens.append(QuestionToken(kind: .word, text: String(characters[start..<index]), position: start))
      }
    }
    return tokens
  }
}
