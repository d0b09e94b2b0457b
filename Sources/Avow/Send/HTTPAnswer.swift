import CAvowShims

/// The bytes of an HTTP/1.1 answer as they come in.
struct HTTPAnswer {
  static let limit = 64 * 1024

  var bytes: [UInt8] = []
  /// The server closed the connection.
  var isClosed = false

  private struct Head {
    var status: Int
    var length: Int?
    var isChunked = false
    var retryAfter: String?
    var date: String?
    var end: Int
  }

  var isWhole: Bool {
    guard let head else { return false }
    if head.isChunked { return dechunked(from: head.end) != nil }
    if let length = head.length { return bytes.count - head.end >= length }
    return head.status == 204 || head.status == 304
  }

  var result: TransportResult {
    guard let head else { return .failure("the answer is no HTTP") }
    var body = Array(bytes[head.end...])
    if head.isChunked {
      guard let whole = dechunked(from: head.end) else { return .failure("the answer is cut off") }
      body = whole
    } else if let length = head.length {
      guard body.count >= length else { return .failure("the answer is cut off") }
      body = Array(body.prefix(length))
    } else if !isClosed, !isWhole {
      return .failure("the answer is cut off")
    }
    let retryAfter = head.retryAfter.flatMap {
      RetryAfter.parse($0, date: head.date, now: Timestamp(milliseconds: avow_clock_wall()))
    }
    return .answer(status: head.status, retryAfter: retryAfter, body: body)
  }

  private var head: Head? {
    var start = 0
    while let head = head(from: start) {
      // `100 Continue` and its like come before the answer.
      if head.status >= 200 { return head }
      start = head.end
    }
    return nil
  }

  private func head(from start: Int) -> Head? {
    guard let end = find([13, 10, 13, 10], from: start) else { return nil }
    let lines = PlainText.words(
      Substring(String(decoding: bytes[start..<end], as: UTF8.self)), between: "\r\n")
    guard let first = lines.first, first.hasPrefix("HTTP/1.") else { return nil }
    let parts = PlainText.words(first, between: " ")
    guard parts.count >= 2, let status = PlainText.number(parts[1]), (100..<600).contains(status) else {
      return nil
    }
    var head = Head(status: Int(status), end: end + 4)
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      switch line[..<colon].lowercased() {
      case "content-length": head.length = PlainText.number(value).flatMap { $0 >= 0 ? Int($0) : nil }
      case "transfer-encoding":
        // Not `contains` of a text: that links the whole of regular expressions, two megabytes.
        head.isChunked = PlainText.words(value.lowercased()[...], between: ", ").contains("chunked")
      case "retry-after": head.retryAfter = String(value)
      case "date": head.date = String(value)
      default: break
      }
    }
    return head
  }

  private func find(_ pattern: [UInt8], from start: Int) -> Int? {
    guard bytes.count >= start + pattern.count else { return nil }
    return (start...bytes.count - pattern.count).first {
      bytes[$0] == pattern[0] && bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
    }
  }

  private func dechunked(from start: Int) -> [UInt8]? {
    var body: [UInt8] = []
    var position = start
    while let line = find([13, 10], from: position) {
      let digits = bytes[position..<line].prefix { $0 != UInt8(ascii: ";") }
      let text = Substring(String(decoding: digits, as: UTF8.self))
      guard let number = PlainText.number(text, radix: 16), number >= 0, number <= Int64(Self.limit) else {
        return nil
      }
      let size = Int(number)
      if size == 0 { return body }
      guard line + 2 + size + 2 <= bytes.count else { return nil }
      body.append(contentsOf: bytes[line + 2..<line + 2 + size])
      position = line + 2 + size + 2
    }
    return nil
  }
}
