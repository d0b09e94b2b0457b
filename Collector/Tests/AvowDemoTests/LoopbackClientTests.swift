import AvowDemo
import Testing

struct LoopbackClientTests {
  private static let body = Array("{}!".utf8)

  @Test func `requests share a connection and arrive as they were given`() throws {
    let server = try ScriptedServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok")
    defer { server.stop() }
    let client = LoopbackClient(port: server.port)
    for _ in 0..<3 {
      let answer = try client.send(
        method: "POST", target: "/a?b=c", headers: [("Content-Type", "x/y")], body: Self.body)
      #expect(answer.status == 200)
      #expect(answer.text == "ok")
      #expect(answer.headers["x-a"] == "b")
    }
    #expect(server.connections == 1)
    #expect(
      server.requests.first == "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
        + "Content-Type: x/y\r\nContent-Length: 3\r\n\r\n{}!")
  }

  @Test func `an answer in chunks is put together`() throws {
    let server = try ScriptedServer(
      answer: "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    defer { server.stop() }
    let client = LoopbackClient(port: server.port)
    for _ in 0..<2 {
      let answer = try client.send(method: "POST", target: "/", body: Self.body)
      #expect(answer.status == 400)
      #expect(answer.text == "abcde")
    }
  }

  @Test func `a connection that the other side closed is made anew and nothing is sent twice`() throws {
    let server = try ScriptedServer(
      answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", answersPerConnection: 1)
    defer { server.stop() }
    let client = LoopbackClient(port: server.port)
    for _ in 0..<3 { _ = try client.send(method: "POST", target: "/", body: Self.body) }
    #expect(server.connections == 3)
    #expect(server.requests.count == 3)
  }

  @Test func `no listener, no answer and no HTTP are errors`() throws {
    try ScriptedServer.withDeafPort { port in
      #expect(throws: LoopbackError.self) {
        try LoopbackClient(port: port).send(method: "POST", target: "/", body: Self.body)
      }
    }
    let mute = try ScriptedServer(answer: "HTTP/1.1 200 OK\r\nContent-", answersPerConnection: 1)
    defer { mute.stop() }
    #expect(throws: LoopbackError.self) {
      try LoopbackClient(port: mute.port).send(method: "POST", target: "/", body: Self.body)
    }
    let strange = try ScriptedServer(answer: "SSH-2.0-x\r\n\r\n")
    defer { strange.stop() }
    #expect(throws: LoopbackError.self) {
      try LoopbackClient(port: strange.port).send(method: "POST", target: "/", body: Self.body)
    }
  }
}
