import AvowDemo
import AvowStore
import AvowWire
import Foundation
import GRDB
import Testing

@testable import AvowServer

struct PublishingTests {
  private static let catalog = RunningCollector.catalog.replacing(
    "delivery: {key: wk_x}",
    with: "delivery: {key: wk_x}\npublic: [users, events by os_name, \"retention\"]")

  /// Monday of the week that settles first after `RunningCollector.now`.
  private static let monday = Question.Period.week.start(of: RunningCollector.now.day)

  /// Sends one event for each user, by way of the store's own door.
  private func weave(_ users: ClosedRange<Int>, os: String, _ running: RunningCollector) async throws {
    let key = try await running.key()
    for user in users {
      let hex = String(user, radix: 16)
      let id = String(repeating: "0", count: 32 - hex.utf8.count) + hex
      let body = """
        {"app":"weaver","catalog":{"version":1,"digest":"x"},"segment":"00112233445566778899aa\(os == "linux" ? "bb" : "cc")",\
        "user":"\(id)","session":null,"context":{"os_name":"\(os)"},\
        "events":[{"n":\(user),"name":"weave","time":\(RunningCollector.now.milliseconds),"properties":{}}]}
        """
      let answer = try await running.send(
        "POST", "/v1/events",
        headers: [
          (name: "Authorization", value: "Bearer \(key)"),
          (name: "Avow-Sent", value: "\(running.clock.now().milliseconds)"),
        ], body: Array(body.utf8))
      #expect(answer.status == 200)
    }
  }

  private func page(_ running: RunningCollector) async throws -> JSONValue {
    let answer = try await running.send("GET", "/public/weaver.json")
    #expect(answer.status == 200)
    return try JSONValue(parsing: answer.body)
  }

  private func weeks(_ page: JSONValue, _ question: Int) -> [JSONValue] {
    page["questions"]?.arrayValue?[question]["weeks"]?.arrayValue ?? []
  }

  private func week(_ page: JSONValue, _ question: Int) throws -> JSONValue {
    try #require(weeks(page, question).first)
  }

  @Test func `a finished week is published once, for anybody, and stays as it is`() async throws {
    try await RunningCollector.with(isOpen: false, catalog: Self.catalog) { running in
      try await weave(1...23, os: "linux", running)
      try await weave(101...104, os: "macos", running)
      #expect(weeks(try await page(running), 0).isEmpty)
      running.clock.set(Timestamp(day: Self.monday + 9))
      let published = try await page(running)
      #expect(weeks(published, 0).count == 1)
      #expect(try week(published, 0)["week"]?.stringValue == CivilDate(dayNumber: Self.monday).description)
      #expect(try week(published, 0)["groups"]?.arrayValue == [["key": [], "value": 20]])
      #expect(try week(published, 1)["groups"]?.arrayValue == [["other": true, "value": 27]])
      #expect(
        published["questions"]?.arrayValue?[2]["refused"]?.stringValue?.contains("subtracted") == true)
      // One who was offline comes late: who looks before and after must not learn of it.
      try await weave(105...105, os: "macos", running)
      _ = try await running.admin(
        "POST", "forget", [("app", "weaver"), ("user", String(repeating: "0", count: 31) + "1")])
      #expect(try await page(running) == published)
      running.clock.set(Timestamp(day: Self.monday + 12))
      #expect(try await page(running) == published)
      let html = try await running.send("GET", "/public/weaver")
      #expect(html.status == 200)
      let text = String(decoding: html.body, as: UTF8.self)
      #expect(text.contains("Weaver in numbers") && text.contains("all others"))
      #expect(!text.contains("/apps/"))
      #expect(try await running.send("GET", "/apps/weaver").status == 401)
      let known = try await running.send("GET", "/.well-known/telemetry")
      #expect(String(decoding: known.body, as: UTF8.self).contains("\"/public/weaver\""))
    }
  }

  @Test func `what was published once still counts after the list changed`() async throws {
    try await RunningCollector.with(isOpen: false, catalog: Self.catalog) { running in
      try await weave(1...30, os: "linux", running)
      running.clock.set(Timestamp(day: Self.monday + 9))
      _ = try await page(running)
      let changed = Self.catalog.replacing(
        "events by os_name", with: "\"events by os_name, app_version\""
      )
      .replacing("version: 1", with: "version: 2")
      try running.folder.write(changed, to: "weaver.yaml")
      _ = try await running.collector.state.reload()
      let answer = try await page(running)
      #expect(weeks(answer, 1).isEmpty)
      let kept = try await DatabaseQueue(path: running.folder.path + "/data/control.sqlite").read {
        try String.fetchAll(
          $0, sql: "SELECT json FROM publications WHERE question LIKE '%app_version' AND week = ?",
          arguments: [Self.monday])
      }
      #expect(kept.count == 1 && kept[0].contains("withheld"))
    }
  }

  @Test func `what came since a week was published is no difference of two numbers`() async throws {
    try await RunningCollector.with(isOpen: false, catalog: Self.catalog) { running in
      try await weave(1...30, os: "linux", running)
      running.clock.set(Timestamp(day: Self.monday + 9))
      let first = try await page(running)
      #expect(try week(first, 1)["groups"]?.arrayValue == [["key": ["linux"], "value": 30]])
      try await weave(31...31, os: "linux", running)
      let longer = Self.catalog.replacing(
        "\"retention\"", with: "events, users by os_name"
      ).replacing("version: 1", with: "version: 2")
      try running.folder.write(longer, to: "weaver.yaml")
      _ = try await running.collector.state.reload()
      let answer = try await page(running)
      // 31 events less 30 would be the one who came late; of users nothing shows.
      #expect(weeks(answer, 2).isEmpty)
      #expect(try week(answer, 3)["groups"]?.arrayValue == [["key": ["linux"], "value": 30]])
    }
  }

  @Test func `an app that publishes nothing has no such page`() async throws {
    try await RunningCollector.with { running in
      for path in ["/public/weaver", "/public/weaver.json", "/public/nobody", "/public/"] {
        let answer = try await running.send("GET", path)
        #expect(answer.status == 404)
      }
    }
  }
}
