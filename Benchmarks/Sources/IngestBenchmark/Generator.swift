import Glibc

/// Sends requests over many connections from one thread (poll), closed-loop or at a fixed rate.
///
/// At a fixed rate a request's time counts from when it was due, not from when it could be sent, and what was due
/// before the end is sent and waited for after it: a server that stalls does not make the measurement kinder (no
/// coordinated omission). What has no answer ten seconds after the end has failed, with that time.
struct Generator {
  struct Result {
    var answered = 0
    var failed = 0
    var seconds = 0.0
    var latencies: [Int64] = []
  }

  private struct Connection {
    var descriptor: Int32
    var pending: [UInt8] = []
    var sent = 0
    var due: Int64 = 0
    var isBusy = false
    var answer: [UInt8] = []
  }

  let port: UInt16
  let connections: Int
  let load: Load

  /// Sends for `seconds`; `rate` requests a second, or as fast as answers come when `nil`.
  func run(seconds: Double, rate: Double?, from first: inout Int) -> Result {
    var result = Result()
    var all = (0..<connections).compactMap { _ in connect().map { Connection(descriptor: $0) } }
    var polled = all.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    defer { for connection in all { close(connection.descriptor) } }
    var idle = Array(all.indices)
    // Bodies are made in advance, so that what they cost is not taken from the server under test: all of them at a
    // fixed rate, else what fits into 128 MiB.
    let most = (128 << 20) / max(1, load.request(first).count)
    let count = min(most, rate.map { Int($0 * seconds) + 1 } ?? most)
    var ready = (0..<count).map { load.request(first + $0) }.reversed() as [[UInt8]]
    first += count
    let start = Clock.nanoseconds()
    let end = start + Int64(seconds * 1e9)
    var issued = 0
    while true {
      let now = Clock.nanoseconds()
      func due() -> Int64 { rate.map { start + Int64(Double(issued) / $0 * 1e9) } ?? now }
      if now >= end, due() >= end, idle.count == all.count { break }
      if now >= end + 10_000_000_000 {
        for connection in all where connection.isBusy { result.latencies.append(now - connection.due) }
        result.failed += all.count - idle.count
        break
      }
      while let index = idle.last {
        let due = due()
        guard due <= now, due < end else { break }
        idle.removeLast()
        issued += 1
        if ready.isEmpty {
          ready.append(load.request(first))
          first += 1
        }
        all[index].pending = ready.removeLast()
        all[index].sent = 0
        all[index].due = due
        all[index].isBusy = true
        all[index].answer.removeAll(keepingCapacity: true)
        send(&all[index])
      }
      poll(&polled, nfds_t(polled.count), 1)
      for index in polled.indices where polled[index].revents != 0 {
        guard let status = receive(&all[index]) else {
          send(&all[index])
          continue
        }
        let done = Clock.nanoseconds()
        result.latencies.append(done - all[index].due)
        if status == 200 { result.answered += 1 } else { result.failed += 1 }
        all[index].isBusy = false
        idle.append(index)
      }
      for index in all.indices where all[index].isBusy && all[index].sent < all[index].pending.count {
        send(&all[index])
      }
    }
    result.seconds = Double(Clock.nanoseconds() - start) / 1e9
    result.latencies.sort()
    return result
  }

  private func connect() -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return nil }
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    return descriptor
  }

  private func send(_ connection: inout Connection) {
    while connection.sent < connection.pending.count {
      let count = connection.pending.withUnsafeBytes {
        Glibc.send(
          connection.descriptor, $0.baseAddress! + connection.sent, $0.count - connection.sent,
          Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      connection.sent += count
    }
  }

  /// Reads what came; returns the status once the answer is whole, 0 when the connection broke.
  private func receive(_ connection: inout Connection) -> Int? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(connection.descriptor, &buffer, buffer.count, 0)
    if count < 0, errno == EAGAIN { return nil }
    guard count > 0 else { return 0 }
    connection.answer += buffer.prefix(count)
    // The head ends at the empty line; the body's length stands in it.
    let text = String(decoding: connection.answer, as: UTF8.self)
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    for line in parts[0].split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      let length = Int(line.split(separator: ":")[1].filter { $0 != " " }) ?? 0
      if parts[1].utf8.count < length { return nil }
    }
    return Int(parts[0].split(separator: " ").dropFirst().first ?? "") ?? 0
  }
}
