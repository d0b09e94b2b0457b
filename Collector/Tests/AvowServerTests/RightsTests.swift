import AvowDemo
import AvowWire
import Foundation
import Testing

@testable import AvowServer

struct ReceiptTests {
  private func receipt(_ running: RunningCollector) async throws -> Receipt {
    _ = try await running.record(key: running.key(), n: 1)
    let answer = try await running.admin(
      "POST", "forget", [("app", "weaver"), ("user", RunningCollector.user)])
    return try Receipt(parsing: Array(answer.text.utf8))
  }

  @Test func `an erasure is answered with a signed receipt that names nobody`() async throws {
    try await RunningCollector.with { running async throws in
      let receipt = try await receipt(running)
      #expect(receipt.json["status"] == "erased")
      #expect(receipt.json["app"] == "weaver")
      #expect(receipt.json["users"] == 1)
      #expect(receipt.json["events"] == 1)
      #expect(!receipt.json.text.contains(RunningCollector.user))
      let known = try JSONValue(parsing: try await running.send("GET", "/.well-known/telemetry").text)
      #expect(known["receipt_key"]?.stringValue == receipt.key)
      #expect(receipt.isSigned(by: receipt.key))
    }
  }

  @Test(arguments: ["users", "events", "erased", "asked", "app", "status"])
  func `a receipt with one other member is not valid`(_ member: String) async throws {
    try await RunningCollector.with { running async throws in
      var members = try #require(try await receipt(running).json.objectValue)
      #expect(try Receipt(parsing: JSONValue.object(members).bytes).isSigned())
      members[member] = members[member]?.integerValue == nil ? "other" : 77
      #expect(!(try Receipt(parsing: JSONValue.object(members).bytes).isSigned()))
    }
  }

  @Test func `a receipt signed with another key is not this collector's`() async throws {
    let first = try await RunningCollector.with { try await receipt($0) }
    let second = try await RunningCollector.with { try await receipt($0) }
    #expect(first.isSigned() && second.isSigned())
    #expect(!first.isSigned(by: second.key))
  }

  @Test func `the key is its owner's alone`() async throws {
    try await RunningCollector.with { running async throws in
      for name in ["receipt-key", "admin-token", "pepper"] {
        let attributes = try FileManager.default.attributesOfItem(
          atPath: running.folder.path + "/data/" + name)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
      }
    }
  }
}

struct DeletionTests {
  @Test func `asking twice is fine, and what comes later is dropped`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      _ = try await running.record(key: key, n: 1)
      let asked = [(name: "app", value: "weaver"), (name: "user", value: RunningCollector.user)]
      let first = try JSONValue(parsing: try await running.admin("POST", "forget", asked).text)
      let second = try JSONValue(parsing: try await running.admin("POST", "forget", asked).text)
      #expect(first["events"] == 1)
      #expect(second["events"] == 0 && second["status"] == "erased")
      #expect(try await running.record(key: key, n: 2).status == 200)
      #expect(try await running.admin("GET", "export", [("app", "weaver")]).text.isEmpty)
      let list = try JSONValue(parsing: try await running.admin("GET", "deletions", []).text)
      #expect(list["deletions"]?.arrayValue?.map { $0["events"] } == [0, 1])
      #expect(!list.text.contains(RunningCollector.user))
    }
  }

  @Test func `the client's own request is answered alike for known and unknown, also compressed`()
    async throws
  {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      _ = try await running.record(key: key, n: 1)
      func forget(_ user: String) async throws -> JSONValue {
        let body = try Gzip.compress(Array(#"{"app":"weaver","users":["\#(user)"]}"#.utf8))
        let answer = try await running.send(
          "POST", "/v1/deletions",
          headers: [
            (name: "Authorization", value: "Bearer \(key)"), (name: "Content-Encoding", value: "gzip"),
          ], body: body)
        #expect(answer.status == 200)
        var members = try #require(try JSONValue(parsing: answer.text).objectValue)
        #expect(try Receipt(parsing: JSONValue.object(members).bytes).isSigned())
        members["erased"] = nil
        members["signature"] = nil
        return .object(members)
      }
      let known = try await forget(RunningCollector.user)
      #expect(known == (try await forget("ffffffffffffffffffffffffffffffff")))
      #expect(known["events"] == nil && known["users"] == nil)
      #expect(try await running.admin("GET", "export", [("app", "weaver")]).text.isEmpty)
    }
  }

  @Test func `a user gets a copy of what is stored of him and of nobody else`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let other = String(repeating: "ab", count: 16)
      for n in 1...3 { _ = try await running.record(key: key, n: n) }
      _ = try await running.record(key: key, n: 4, user: other)
      func copy(_ quoted: String, format: String = "ndjson") async throws -> [Substring] {
        try await running.admin(
          "GET", "export", [("app", "weaver"), ("user", quoted), ("format", format)]
        ).text.split(whereSeparator: \.isNewline)
      }
      #expect(try await copy(RunningCollector.user).count == 3)
      #expect(try await copy(RunningCollector.user.uppercased()).count == 3)
      #expect(try await copy(RunningCollector.user, format: "csv").count == 4)
      #expect(try await copy("nobody").isEmpty)
      // The pseudonym that an export shows names the same user.
      let line = try JSONValue(parsing: Array(try #require(try await copy(other).first).utf8))
      let pseudonym = try #require(line["user"]?.stringValue)
      #expect(try await copy(pseudonym).count == 1)
    }
  }
}

struct RetentionTests {
  private static let rules =
    RunningCollector.catalog
    .replacingOccurrences(of: "purpose: To test.", with: "purpose: To test.\nretention: 10 days")
      + """

        unravel:
          description: A cloth was unravelled.
          why: x
          expires: 2026-10-30
          retention: 3 days
      """

  private func record(_ running: RunningCollector, _ event: String, _ n: Int, user: String) async throws {
    let now = running.clock.now().milliseconds
    let body = """
      {"app":"weaver","segment":"00112233445566778899aabb","user":"\(user)","context":{},\
      "events":[{"n":\(n),"name":"\(event)","time":\(now),"properties":{}}]}
      """
    let answer = try await running.send(
      "POST", "/v1/events",
      headers: [
        (name: "Authorization", value: "Bearer \(try await running.key())"),
        (name: "Avow-Sent", value: "\(now)"),
      ], body: Array(body.utf8))
    #expect(answer.text.contains("\"accepted\":1"))
  }

  private func plan(_ running: RunningCollector) async throws -> [[String]] {
    let plan = try JSONValue(parsing: try await running.admin("GET", "retention", []).text)
    return (plan["plan"]?.arrayValue ?? []).map { step in
      [step["event"]?.stringValue ?? "", step["goes"]?.stringValue ?? "", step["count"]?.integerValue ?? 0]
        .map {
          "\($0)"
        }
    }
  }

  @Test func `events go when their days are over, and the plan says so before`() async throws {
    try await RunningCollector.with(catalog: Self.rules) { running async throws in
      let start = CivilDate("2026-10-01")!.dayNumber
      func noon(_ day: Int) {
        running.clock.set(Timestamp(milliseconds: Timestamp(day: start + day).milliseconds + 43_200_000))
      }
      noon(0)
      try await record(running, "weave", 1, user: RunningCollector.user)
      try await record(running, "weave", 2, user: String(repeating: "ab", count: 16))
      noon(1)
      try await record(running, "weave", 3, user: RunningCollector.user)
      try await record(running, "unravel", 4, user: RunningCollector.user)
      #expect(try await plan(running) == [["unravel", "2026-10-06", "1"], ["weave", "2026-10-12", "2"]])
      noon(10)
      _ = try await running.admin("POST", "retention", [])
      #expect(try await plan(running) == [["weave", "2026-10-12", "2"]])
      noon(11)
      // The service may come first: it looks every thirty seconds.
      let due = try await plan(running)
      let purged = try await running.admin("POST", "retention", [])
      if due == [["weave", "now", "2"]] {
        #expect(purged.text.contains("\"purged\":2") || purged.text.contains("\"purged\":0"))
      } else {
        #expect(due == [["weave", "2026-10-13", "1"]])
      }
      #expect(try await plan(running) == [["weave", "2026-10-13", "1"]])
      #expect(
        try await running.admin("GET", "export", [("app", "weaver")]).text.split(separator: "\n").count == 1)
      // Its user is stored no more either: the pseudonym went with the last event.
      #expect(try await running.pseudonyms() == 1)
    }
  }

  @Test func `an event's expiry takes all of it, whatever its retention`() async throws {
    try await RunningCollector.with(catalog: Self.rules) { running async throws in
      let day = CivilDate("2026-10-28")!.dayNumber
      running.clock.set(Timestamp(day: day + 1))
      try await record(running, "unravel", 1, user: RunningCollector.user)
      #expect(try await plan(running) == [["unravel", "2026-10-30", "1"]])
      running.clock.set(Timestamp(day: day + 2))
      #expect(try await plan(running) == [["unravel", "now", "1"]])
      _ = try await running.admin("POST", "retention", [])
      #expect(try await plan(running) == [])
    }
  }

  @Test func `what only an older catalog declared goes by the catalog's own rule`() async throws {
    try await RunningCollector.with(catalog: Self.rules) { running async throws in
      let day = CivilDate("2026-10-01")!.dayNumber
      running.clock.set(Timestamp(day: day))
      try await record(running, "unravel", 1, user: RunningCollector.user)
      let newer = RunningCollector.catalog
        .replacingOccurrences(of: "version: 1\n", with: "version: 2\nretention: 5 days\n")
      try running.folder.write(newer, to: "weaver.yaml")
      #expect(try await running.admin("POST", "reload", []).status == 200)
      #expect(try await plan(running) == [["unravel", "2026-10-07", "1"]])
      running.clock.set(Timestamp(day: day + 6))
      #expect(try await running.admin("POST", "retention", []).text.contains("\"purged\":1"))
    }
  }
}
