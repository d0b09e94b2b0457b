import AvowDemo
import AvowWire
import Glibc
import Testing

/// Bodies that are slow, silent, asked about first, or much larger than they look.
extension LoadTests {
  @Test(arguments: [true, false])
  func `a body that comes too slowly is answered and cut off`(_ drips: Bool) throws {
    let (collector, key) = try Self.make(["--body-patience", "1"])
    let body = Self.batch(1..<2, key)
    let slow = try RawConnection(port: collector.port)
    slow.send("POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: \(1 << 20)\r\n\r\n{")
    // Half a body that then stays silent, or one that drips, gets its answer whatever this machine is doing.
    var sent = 1
    try Patience.until("an answer") {
      if drips, slow.send(" ") { sent += 1 }
      return slow.hasInput(within: 20)
    }
    let answer = slow.answer()
    // Not 408: RudderStack's SDKs, which share the address, would drop the batch.
    #expect(answer.hasPrefix("HTTP/1.1 503 "), "after \(sent) bytes: \(answer)")
    #expect(answer.contains("retry-after: 2\r\n") || answer.contains("Retry-After: 2\r\n"))
    #expect(answer.contains(#""code":"unavailable""#) && answer.contains(#""message":"#))
    #expect(slow.isClosed())
    #expect(try collector.metric("avow_body_bytes") == 0)
    let fine = try LoopbackClient(port: collector.port).send(
      method: "POST", target: "/v1/batch", body: body)
    #expect(fine.status == 200)
  }

  @Test func `sending much at first saves up no time to stand still`() throws {
    let (collector, _) = try Self.make(["--body-patience", "1"])
    let slow = try RawConnection(port: collector.port)
    slow.send("POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: \(8 << 20)\r\n\r\n")
    // By the pace of a body this would be worth four minutes; a connection of a test waits one.
    slow.send([UInt8](repeating: 0x20, count: 4 << 20))
    #expect(slow.answer().hasPrefix("HTTP/1.1 503 "))
    #expect(slow.isClosed())
  }

  @Test func `an operator's body that comes too slowly is told so`() throws {
    let (collector, _) = try Self.make(["--body-patience", "1"])
    let token = Files.text(collector.data + "/admin-token").filter { !$0.isWhitespace }
    let slow = try RawConnection(port: collector.port)
    slow.send(
      "POST /admin/forget HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 100\r\n\r\napp="
    )
    let answer = slow.answer()
    #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.contains("too slowly"), "\(answer)")
  }

  @Test func `a client that asks first whether to send its body is told to`() throws {
    let (collector, key) = try Self.make()
    let body = Self.batch(1..<2, key)
    let asking = try RawConnection(port: collector.port)
    asking.send(
      "POST /v1/batch HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(body.count)\r\n\r\n")
    #expect(asking.answer() == "HTTP/1.1 100 Continue\r\n\r\n")
    asking.send(body)
    #expect(asking.status() == 200)
  }

  @Test func `a request with two hosts is refused`() throws {
    let (collector, _) = try Self.make(["--open"])
    let connection = try RawConnection(port: collector.port)
    connection.send("GET / HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1\r\n\r\n")
    #expect(connection.status() == 400)
  }

  @Test func `large bodies that stand still keep nobody else out`() throws {
    let (collector, key) = try Self.make()
    let silent = try (0..<4).map { _ in try RawConnection(port: collector.port) }
    for connection in silent {
      connection.send("POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: \(20 << 20)\r\n\r\n")
    }
    for connection in silent { connection.send([UInt8](repeating: 0x20, count: (20 << 20) - 1)) }
    try Patience.until("the bodies to be held") { try collector.metric("avow_body_bytes") >= 76 << 20 }
    let fine = try LoopbackClient(port: collector.port).send(
      method: "POST", target: "/v1/batch", body: Self.batch(1..<2, key))
    #expect(fine.status == 200)
  }

  @Test func `bodies that grow when inflated are held within the budget`() throws {
    let (collector, key) = try Self.make()
    // 63 MiB each when inflated; sixty of them held at once would be four gigabytes.
    let body = try Self.gzip(
      Array(#"{"resourceLogs":[]"#.utf8) + [UInt8](repeating: 0x20, count: 63 << 20) + [UInt8(ascii: "}")])
    let head =
      "POST /v1/logs HTTP/1.1\r\nHost: x\r\nx-api-key: \(key)\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"
    let connections = try (0..<60).map { _ in try RawConnection(port: collector.port) }
    for connection in connections { connection.send(Array(head.utf8) + body) }
    var statuses: [Int: Int] = [:]
    for connection in connections { statuses[connection.status(), default: 0] += 1 }
    #expect(Set(statuses.keys).isSubset(of: [200, 503]) && (statuses[200] ?? 0) > 0, "\(statuses)")
    let peak = try collector.peakMemory()
    print("60 bodies of 63 MiB inflated: peak \(peak >> 20) MiB, answers \(statuses)")
    #expect(peak <= 256 << 20)
    #expect(try collector.metric("avow_body_bytes") == 0)
  }

  private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var template = Array("/tmp/avow-e2e-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw BuiltCollector.Failure(description: "no temporary folder")
    }
    let folder = String(cString: made)
    defer { Files.remove(folder) }
    try Files.write(bytes, to: folder + "/body")
    _ = try HostProcess(
      program: "/usr/bin/env", arguments: ["gzip", "-n", folder + "/body"],
      environment: ["PATH": "/usr/bin:/bin"], errorsFile: nil
    ).run(timeout: .seconds(120))
    return Files.bytes(folder + "/body.gz")
  }
}
