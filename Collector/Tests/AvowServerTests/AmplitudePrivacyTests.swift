import AvowDemo
import AvowWire
import Foundation
import Testing

@testable import AvowServer

struct AmplitudePrivacyTests {
  private static let path = "/api/2/deletions/users"

  private func authorization(_ key: String, _ token: String) -> [(name: String, value: String)] {
    [
      (name: "Authorization", value: "Basic " + Data("\(key):\(token)".utf8).base64EncodedString()),
      (name: "Content-Type", value: "application/json"),
    ]
  }

  @Test func `a program that speaks Amplitude's privacy interface erases users`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let token = try running.token()
      _ = try await running.record(key: key, n: 1)
      let answer = try await running.send(
        "POST", Self.path, headers: authorization(key, token),
        body: Array(#"{"user_ids":["\#(RunningCollector.user)","nobody"],"requester":"a@b.example"}"#.utf8))
      let job = try JSONValue(parsing: answer.text)
      #expect(answer.status == 200)
      #expect(job["status"] == "done" && job["events"] == 1)
      #expect(job["amplitude_ids"]?.arrayValue?.first?["user_id"]?.stringValue == RunningCollector.user)
      #expect(try await running.admin("GET", "export", [("app", "weaver")]).text.isEmpty)
      let day = "\(CivilDate(dayNumber: RunningCollector.now.day))"
      let list = try await running.send(
        "GET", Self.path + "?start_day=\(day)&end_day=\(day)", headers: authorization(key, token))
      let jobs = try JSONValue(parsing: list.text).arrayValue ?? []
      #expect(jobs.map { $0["status"] } == ["done"])
      #expect(!list.text.contains(RunningCollector.user) && !list.text.contains("a@b.example"))
      let before = try await running.send(
        "GET", Self.path + "?start_day=2020-01-01&end_day=2020-02-01", headers: authorization(key, token))
      #expect(before.text == "[]")
    }
  }

  @Test func `a key for erasures opens this interface of its app, and nothing else`() async throws {
    try await RunningCollector.with(isOpen: false) { running async throws in
      let made = try await running.admin("POST", "keys", [("app", "weaver"), ("for", "erasures")])
      let secret = try #require(try JSONValue(parsing: made.text)["key"]?.stringValue)
      let key = try await running.key()
      let body = Array(#"{"user_ids":["x"]}"#.utf8)
      let headers = authorization(key, secret)
      #expect(try await running.send("POST", Self.path + "/", headers: headers, body: body).status == 200)
      #expect(
        try await running.send("POST", Self.path, headers: authorization(secret, secret), body: body).status
          == 401)
      #expect(try await running.record(key: secret, n: 1).status == 401)
      let bearer = [(name: "Authorization", value: "Bearer \(secret)")]
      #expect(try await running.send("GET", "/admin/status", headers: bearer).status == 401)
      #expect(try await running.admin("POST", "keys/revoke", [("key", secret)]).status == 200)
      #expect(try await running.send("POST", Self.path, headers: headers, body: body).status == 401)
    }
  }

  @Test func `the list of days long ago is whole, however much came since`() async throws {
    try await RunningCollector.with { running async throws in
      let headers = try await authorization(running.key(), running.token())
      let database = running.collector.state.database
      let past = Timestamp(day: RunningCollector.now.day - 40)
      _ = try database.insertDeletion(app: "weaver", source: .amplitude, asked: past)
      for _ in 0..<1001 {
        _ = try database.insertDeletion(app: "weaver", source: .operators, asked: RunningCollector.now)
      }
      let day = "\(CivilDate(dayNumber: past.day))"
      let list = try await running.send(
        "GET", Self.path + "?start_day=\(day)&end_day=\(day)", headers: headers)
      #expect(try JSONValue(parsing: list.text).arrayValue?.count == 1)
    }
  }

  @Test func `a body too large is told so, and a compressed one is read`() async throws {
    try await RunningCollector.with { running async throws in
      let headers = try await authorization(running.key(), running.token())
      let large = [UInt8](repeating: UInt8(ascii: " "), count: (1 << 20) + 1)
      #expect(try await running.send("POST", Self.path, headers: headers, body: large).status == 413)
      let gzip = try Gzip.compress(Array(#"{"user_ids":["x"]}"#.utf8))
      let encoded = headers + [(name: "Content-Encoding", value: "gzip")]
      #expect(try await running.send("POST", Self.path, headers: encoded, body: gzip).status == 200)
      let token = [(name: "Authorization", value: "Bearer \(try running.token())")]
      #expect(
        try await running.send("POST", "/admin/forget", headers: token, body: large + large).status == 413)
    }
  }

  @Test func `it asks for both secrets`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let token = try running.token()
      let body = Array(#"{"user_ids":["x"]}"#.utf8)
      for headers in [
        [], authorization(key, "at_wrong"), authorization("wk_wrong", token), authorization(token, key),
        [(name: "Authorization", value: "Basic !!")],
      ] {
        #expect(try await running.send("POST", Self.path, headers: headers, body: body).status == 401)
        #expect(try await running.send("GET", Self.path, headers: headers).status == 401)
      }
    }
  }

  @Test(arguments: ["", "[", "{}", #"{"user_ids":[]}"#, #"{"user_ids":[1]}"#, #"{"amplitude_ids":[5]}"#])
  func `a body that names nobody is refused`(_ body: String) async throws {
    try await RunningCollector.with { running async throws in
      let answer = try await running.send(
        "POST", Self.path, headers: authorization(running.key(), running.token()), body: Array(body.utf8))
      #expect(answer.status == 400)
    }
  }
}
