import CAvowShims

/// Speaks HTTP/1.1 over a plain socket, one request a connection.
struct SocketTransport: Transport {
  let address: LocalAddress

  func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
    let deadline = avow_clock_monotonic() + timeout.milliseconds
    let socket = connect(timeout.milliseconds)
    guard socket >= 0 else { return .failure("nobody listens there") }
    defer { StateDirectory.closeFile(socket) }
    var text = "POST \(address.target) HTTP/1.1\r\nHost: \(address.host)\r\nConnection: close\r\n"
    text += "Content-Length: \(request.body.count)\r\n"
    for header in request.headers { text += "\(header.name): \(header.value)\r\n" }
    let bytes = Array((text + "\r\n").utf8) + request.body
    // A server that refuses a body may answer and close before it has read all of it.
    let isSent = avow_send_all(socket, bytes, bytes.count, deadline)
    var answer = HTTPAnswer()
    var chunk = [UInt8](repeating: 0, count: 4096)
    while !answer.isWhole {
      guard answer.bytes.count < HTTPAnswer.limit else { return .failure("the answer is too long") }
      let count = avow_receive(socket, &chunk, chunk.count, deadline)
      if count < 0 {
        return .failure(
          isSent ? "the connection broke, or no answer came in time" : "the connection broke while sending")
      }
      if count == 0 {
        answer.isClosed = true
        break
      }
      answer.bytes.append(contentsOf: chunk.prefix(Int(count)))
    }
    return answer.result
  }

  private func connect(_ timeout: Int64) -> Int32 {
    switch address.place {
    case .unix(let path): return avow_connect_unix(path, timeout)
    case .loopback(let families, let port):
      for family in families {
        let socket = avow_connect_loopback(family, port, timeout)
        if socket >= 0 { return socket }
      }
      return -1
    }
  }
}
