/// The words of a small state file, whatever white space is between them.
///
/// By bytes: a program's start reads such files, and dividing text into characters would be most of its work.
@inline(never)
func stateWords(_ bytes: [UInt8]) -> [String] {
  var words: [String] = []
  var word: [UInt8] = []
  for byte in bytes {
    if byte > 32 {
      word.append(byte)
    } else if !word.isEmpty {
      words.append(String(decoding: word, as: UTF8.self))
      word = []
    }
  }
  if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
  return words
}
