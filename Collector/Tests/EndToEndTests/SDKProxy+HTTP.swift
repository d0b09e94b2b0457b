import AvowDemo
import Glibc

extension SDKProxy {
  /// A request as its client sent it.
  struct Request: Sendable {
    var path: String
    var isProtobuf: Bool
    var bytes: [UInt8]
    var body: [UInt8]
  }

  /// What the client is told.
  struct Reply: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    init(status: Int, headers: [String: String], body: [UInt8]) {
      self.status = status
      self.headers = headers
      self.body = body
    }

    init(_ answer: LoopbackClient.Answer) {
      self.init(status: answer.status, headers: answer.headers, body: answer.body)
    }
  }

  /// Reads one request with its body, `nil` when the client went away before its end.
  static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var need = Int.max
    var head = 0
    while bytes.count < need {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      bytes += buffer.prefix(count)
      if head == 0, let end = endOfHead(bytes) {
        head = end
        guard let length = length(bytes[..<end]) else { return nil }
        need = end + length
      }
    }
    let text = String(decoding: bytes[..<head], as: UTF8.self)
    let target = text.split(separator: " ").dropFirst().first ?? "/"
    return Request(
      path: String(target.prefix { $0 != "?" }), isProtobuf: text.lowercased().contains("x-protobuf"),
      bytes: bytes, body: Array(bytes[head...]))
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in 0...bytes.count - 4 where bytes[index...].starts(with: [13, 10, 13, 10]) { return index + 4 }
    return nil
  }

  private static func length(_ head: ArraySlice<UInt8>) -> Int? {
    for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "content-length" {
        return Int(parts[1].drop { $0 == " " })
      }
    }
    return 0
  }

  /// What the collector says when it is busy; that it says so is tested where it is said.
  static func refusal(_ request: Request, _ status: Int) -> Reply {
    let reason = "too many requests at once; try again in a moment"
    var type = "application/json"
    var body: [UInt8]
    switch request.path {
    case "/2/httpapi", "/batch": body = Array(#"{"code":\#(status),"error":"\#(reason)"}"#.utf8)
    case "/v1/batch":
      body = Array(#"{"success":false,"code":"unavailable","message":"\#(reason)"}"#.utf8)
    case "/batch/":
      type = "text/plain; charset=utf-8"
      body = Array(reason.utf8)
    case "/v1/logs":
      body = Array(#"{"code":14,"message":"\#(reason)"}"#.utf8)
      if request.isProtobuf {
        type = "application/x-protobuf"
        body = [0x08, 14, 0x12, UInt8(reason.utf8.count)] + Array(reason.utf8)
      }
    default: body = Array(#"{"error":"unavailable","error_description":"\#(reason)"}"#.utf8)
    }
    return Reply(status: status, headers: ["content-type": type, "retry-after": "1"], body: body)
  }
}
