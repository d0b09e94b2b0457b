import CAvowShims

/// Speaks through the system's libcurl, looked for at the first request: proxies by the usual variables,
/// the system's certificates, time-outs for connecting and for the whole.
struct CurlTransport: Transport {
  /// Whether this machine has libcurl.
  static var isAvailable: Bool { avow_curl_available() }

  func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
    guard Self.isAvailable else {
      return .failure("libcurl is not installed; install libcurl4 so that events can be sent")
    }
    // "Expect:" off: a body this small is not worth a round trip of its own.
    let lines = request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"]
    let copies = lines.map { CString($0) }
    var answer = avow_answer()
    let pointers: [UnsafePointer<CChar>?] = copies.map { UnsafePointer($0.pointer) }
    request.body.withUnsafeBufferPointer { body in
      guard let base = body.baseAddress else { return }
      request.url.withCString { url in
        avow_curl_post(url, pointers, pointers.count, base, body.count, timeout.milliseconds, &answer)
      }
    }
    withExtendedLifetime(copies) {}
    defer { avow_answer_free(&answer) }
    guard answer.failure == 0, answer.status > 0 else {
      return .failure(Self.reason(answer.failure, isTooLong: answer.length >= HTTPAnswer.limit))
    }
    let body = UnsafeBufferPointer(start: answer.body, count: answer.length)
    let retryAfter = Self.text(&answer.retry_after).flatMap {
      RetryAfter.parse(
        $0, date: Self.text(&answer.date), now: Timestamp(milliseconds: avow_clock_wall()))
    }
    return .answer(status: Int(answer.status), retryAfter: retryAfter, body: Array(body))
  }

  /// The header's value; `nil` when the answer had none.
  private static func text<Buffer>(_ buffer: inout Buffer) -> String? {
    withUnsafeBytes(of: &buffer) { bytes in
      let used = bytes.prefix { $0 != 0 }
      return used.isEmpty ? nil : String(decoding: used, as: UTF8.self)
    }
  }

  /// The commonest of libcurl's codes, in words.
  private static func reason(_ code: Int32, isTooLong: Bool) -> String {
    switch code {
    case 5: "the proxy's name is unknown"
    case 6: "the collector's name is unknown"
    case 7: "nobody listens there"
    case 23 where isTooLong: "the answer is too long"
    case 28: "no answer came in time"
    case 35: "TLS could not be agreed on (curl error 35)"
    case 52: "the connection was closed without an answer"
    case 55, 56: "the connection broke (curl error \(code))"
    case 60: "the collector's certificate is not trusted"
    case 77: "the trusted certificates cannot be read (curl error 77)"
    default: "curl error \(code)"
    }
  }

  private final class CString {
    let pointer: UnsafeMutablePointer<CChar>

    init(_ text: String) {
      let utf8 = Array(text.utf8CString)
      pointer = .allocate(capacity: utf8.count)
      pointer.initialize(from: utf8, count: utf8.count)
    }

    deinit { pointer.deallocate() }
  }
}
