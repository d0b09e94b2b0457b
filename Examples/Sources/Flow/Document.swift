/// What travels through a flow.
struct Document: Sendable, Hashable {
  var text: String
  var tags: [String: Int] = [:]
}

/// A step of a flow.
protocol Executor: Sendable {
  func process(_ documents: [Document]) -> [Document]
}

/// Passes everything on: what a flow has when its user adds nothing of his own.
struct BaseExecutor: Executor {
  func process(_ documents: [Document]) -> [Document] { documents }
}

/// Counts the words of each document.
struct WordCounter: Executor {
  func process(_ documents: [Document]) -> [Document] {
    documents.map { document in
      var counted = document
      counted.tags["words"] = document.text.split(separator: " ").count
      return counted
    }
  }
}
