import Avow
import AvowTesting
import Foundation
import Synchronization

/// A server on this machine that misbehaves as told, until it is told to be well.
final class FaultServer: Sendable {
  enum Behaviour: Sendable, CaseIterable {
    case well, garbage, silence, reset, closed, redirect, dripping, error500, endless, page, half
  }

  private struct State {
    var behaviour: Behaviour
    var connections = 0
    var accepted: [TransportRequest] = []
    var open: [Int32] = []
    var isStopped = false
  }

  let port: UInt16
  let host: String
  private let socket: Int32
  private let state: Mutex<State>

  /// - Parameter host: Another address of the loopback than 127.0.0.1 is none the client knows by heart, so
  ///   that it takes libcurl.
  init(_ behaviour: Behaviour, host: String = "127.0.0.1") {
    self.host = host
    state = Mutex(State(behaviour: behaviour))
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, host, &address.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = socket
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        _ = listen(descriptor, 16)
        _ = getsockname(descriptor, $0, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    Thread { [self] in
      while true {
        let client = accept(socket, nil, nil)
        guard client >= 0 else { return }
        let isStopped = state.withLock {
          $0.connections += 1
          $0.open.append(client)
          return $0.isStopped
        }
        if isStopped { shutdown(client, Int32(SHUT_RDWR)) }
        Thread { [self] in
          serve(client)
          state.withLock { $0.open.removeAll { $0 == client } }
          close(client)
        }.start()
      }
    }.start()
  }

  deinit { close(socket) }

  var url: String { "http://\(host):\(port)" }
  var connections: Int { state.withLock { $0.connections } }
  /// The events of the requests that were answered well.
  func acceptedEvents() throws -> [RecordedEvent] {
    try state.withLock { $0.accepted }.flatMap { RecordedEvent.events(inBody: try Unpacked.json($0)) }
  }

  /// The request lines of the same.
  var requestLines: [String] { state.withLock { $0.accepted.map(\.url) } }

  func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

  func stop() {
    state.withLock {
      $0.isStopped = true
      for client in $0.open { shutdown(client, Int32(SHUT_RDWR)) }
    }
    shutdown(socket, Int32(SHUT_RDWR))
  }

  private func serve(_ client: Int32) {
    let behaviour = state.withLock { $0.behaviour }
    switch behaviour {
    case .closed: return
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
      return
    default: break
    }
    guard let request = HTTPReader.read(client) else { return }
    switch behaviour {
    case .well:
      let count = RecordedEvent.events(in: request).count
      let body = String(decoding: NativeAnswer(accepted: max(1, count), receipt: "").bytes, as: UTF8.self)
      state.withLock { $0.accepted.append(request) }
      write("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)", client)
    case .garbage: write("\u{1}\u{2}\u{3} 404 what?\r\n\r\n\r\n", client)
    case .page: write("HTTP/1.1 200 OK\r\n\r\n<html>please sign in</html>", client)
    case .half: write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"accepted\":", client)
    case .redirect:
      write("HTTP/1.1 307 Elsewhere\r\nLocation: \(url)/other\r\nContent-Length: 0\r\n\r\n", client)
    case .error500: write("HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nno!", client)
    case .endless:
      let chunk = String(repeating: "x", count: 16_384)
      write("HTTP/1.1 200 OK\r\n\r\n", client)
      while write(chunk, client) {}
    case .dripping:
      // A byte now and then for ever: every read of the client's succeeds, only the whole does not.
      var letters = Array("HTTP/1.1 200 OK\r\n".utf8).makeIterator()
      while write(String(UnicodeScalar(letters.next() ?? UInt8(ascii: "x"))), client) {
        var wait = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        if poll(&wait, 1, 20) > 0 { return }
      }
    case .silence:
      var byte: UInt8 = 0
      _ = recv(client, &byte, 1, 0)
    case .closed, .reset: break
    }
  }

  @discardableResult
  private func write(_ text: String, _ client: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }
}

/// Reads one request from a socket.
enum HTTPReader {
  static func read(_ client: Int32) -> TransportRequest? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let request = request(in: bytes) { return request }
      let count = recv(client, &chunk, chunk.count, 0)
      if count <= 0 { return nil }
      bytes += chunk.prefix(count)
    }
  }

  /// The request the bytes begin with; `nil` when it is not whole.
  static func request(in bytes: [UInt8]) -> TransportRequest? {
    guard bytes.count >= 4,
      let end = (0...bytes.count - 4).first(where: { bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) })
    else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let headers = lines.dropFirst().compactMap { line -> TransportRequest.Header? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return .init(
        String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
    guard bytes.count >= end + 4 + length else { return nil }
    return TransportRequest(
      url: lines[0], headers: headers, body: Array(bytes[(end + 4)..<(end + 4 + length)]))
  }
}
