import AvowDemo
import AvowServer
import AvowStoreSQLite
import AvowWire
import Foundation
import Logging
import Testing

struct CollectorTests {
  @Test func `it says that it is well and ready`() async throws {
    try await RunningCollector.with { running async throws in
      #expect(try await running.send("GET", "/health").status == 200)
      #expect(try await running.send("GET", "/ready").status == 200)
    }
  }

  @Test func `an event is stored, answered, exported and shown`() async throws {
    try await RunningCollector.with { running async throws in
      let answer = try await running.record(key: running.key(), n: 1)
      #expect(answer.status == 200)
      #expect(answer.text.contains("\"accepted\":1"))
      let export = try await running.admin("GET", "export", [("app", "weaver")])
      let line = try JSONValue(parsing: export.text)
      #expect(line["event"] == "weave")
      #expect(line["properties"] == ["loom": "hand", "rows": 7])
      #expect(line["context"] == ["app_version": "1.2.3", "os_name": "linux"])
      #expect(!export.text.contains("0123456789abcdef0123456789abcdef"))
      let page = try await running.send("GET", "/apps/weaver")
      #expect(page.status == 200)
      #expect(page.text.contains("Weaver"))
    }
  }

  @Test func `a retry of the same event is a duplicate, not a second event`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      _ = try await running.record(key: key, n: 1)
      let again = try await running.record(key: key, n: 1)
      #expect(again.text.contains("\"duplicates\":1"))
      let export = try await running.admin("GET", "export", [("app", "weaver")])
      #expect(export.text.split(separator: "\n").count == 1)
    }
  }

  @Test func `a revoked key stops at once`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      #expect(try await running.record(key: key, n: 1).status == 200)
      let revoked = try await running.admin("POST", "keys/revoke", [("key", key)])
      #expect(revoked.status == 200)
      #expect(try await running.record(key: key, n: 2).status == 401)
    }
  }

  @Test func `pages ask for a sign-in unless the collector is open, the catalog's page never does`()
    async throws
  {
    try await RunningCollector.with(isOpen: false) { running async throws in
      #expect(try await running.send("GET", "/").status == 401)
      #expect(try await running.send("GET", "/apps/weaver").status == 401)
      #expect(try await running.send("GET", "/metrics").status == 401)
      #expect(try await running.send("GET", "/admin/status").status == 401)
      #expect(try await running.send("GET", "/catalog/weaver").status == 200)
      let code = running.collector.signInCode()
      let answer = try await running.send("GET", "/sign-in?code=\(code)")
      let cookie = try #require(answer.headers["set-cookie"]).prefix { $0 != ";" }
      let signedIn = [(name: "Cookie", value: String(cookie))]
      #expect(try await running.send("GET", "/", headers: signedIn).status == 200)
    }
  }

  @Test func `an open collector shows pages, and to the operator's interface asks for the token`()
    async throws
  {
    try await RunningCollector.with { running async throws in
      #expect(try await running.send("GET", "/apps/weaver").status == 200)
      for path in [
        "status", "keys", "ask?app=weaver&q=events", "quarantine", "deletions", "export?app=weaver",
      ] {
        #expect(try await running.send("GET", "/admin/" + path).status == 401, "\(path)")
      }
      let token = [(name: "Authorization", value: "Bearer \(try running.token())")]
      #expect(try await running.send("GET", "/admin/status", headers: token).status == 200)
      let form = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]
      #expect(
        try await running.send("POST", "/admin/keys", headers: form, body: Array("app=weaver".utf8)).status
          == 401)
    }
  }

  @Test func `a gzip body is taken and a bomb is not`() async throws {
    try await RunningCollector.with { running async throws in
      let key = try await running.key()
      let headers = [
        (name: "Authorization", value: "Bearer \(key)"), (name: "Content-Encoding", value: "gzip"),
      ]
      let body = """
        {"app":"weaver","segment":"00112233445566778899aabb","context":{},\
        "events":[{"n":1,"name":"weave","time":\(RunningCollector.now.milliseconds),"properties":{}}]}
        """
      let taken = try await running.send(
        "POST", "/v1/events", headers: headers, body: Gzip.compress(Array(body.utf8)))
      #expect(taken.text.contains("\"accepted\":1"))
      let bomb = try Gzip.compress([UInt8](repeating: UInt8(ascii: " "), count: 30 << 20))
      #expect(try await running.send("POST", "/v1/events", headers: headers, body: bomb).status == 413)
    }
  }

  @Test func `a broken catalog leaves the loaded one in force`() async throws {
    try await RunningCollector.with { running async throws in
      try running.folder.write("avow: 1\napp: [", to: "weaver.yaml")
      let reload = try await running.admin("POST", "reload", [])
      #expect(reload.status == 400)
      #expect(reload.text.contains("weaver.yaml"))
      #expect(try await running.record(key: running.key(), n: 1).status == 200)
    }
  }

  @Test func `a changed catalog needs a new version`() async throws {
    try await RunningCollector.with { running async throws in
      let changed = RunningCollector.catalog.replacingOccurrences(of: "rows:", with: "picks:")
      try running.folder.write(changed, to: "weaver.yaml")
      let refused = try await running.admin("POST", "reload", [])
      #expect(refused.text.contains("raise `version`"))
      try running.folder.write(
        changed.replacingOccurrences(of: "version: 1\n", with: "version: 2\n"), to: "weaver.yaml")
      #expect(try await running.admin("POST", "reload", []).status == 200)
    }
  }

  @Test func `today is the day of the catalog's zone, in answers and on pages`() async throws {
    // 13:33 UTC on the 21st is the 22nd fourteen hours to the east.
    let catalog = RunningCollector.catalog + "\nreporting_zone: Pacific/Kiritimati\n"
    try await RunningCollector.with(catalog: catalog) { running async throws in
      _ = try await running.record(key: try await running.key(), n: 1)
      let answer = try await running.admin(
        "GET", "ask", [("app", "weaver"), ("q", "weave by day"), ("format", "csv")])
      #expect(answer.text.contains("2026-09-22,1"))
      let page = try await running.send("GET", "/apps/weaver?by=day&days=7", headers: [], body: [])
      #expect(page.text.contains("22 Sep") && !page.text.contains("23 Sep"))
    }
    try await RunningCollector.with { running async throws in
      let page = try await running.send("GET", "/apps/weaver?by=day&days=7", headers: [], body: [])
      #expect(!page.text.contains("22 Sep"))
    }
  }

  @Test func `an operator's mistake is answered with how to mend it`() async throws {
    try await RunningCollector.with { running async throws in
      let app = try await running.admin("GET", "ask", [("app", "loom"), ("q", "users by day")])
      #expect(app.status == 404)
      #expect(app.text.contains("weaver"))
      let question = try await running.admin("GET", "ask", [("app", "weaver"), ("q", "wave by day")])
      #expect(question.status == 400)
      #expect(question.text.contains("weave"))
      let date = try await running.admin("GET", "export", [("app", "weaver"), ("since", "yesterday")])
      #expect(date.text.contains("2026-01-31"))
    }
  }

  @Test func `a port in use is said in one line`() async throws {
    try await RunningCollector.with { running async throws in
      let folder = try TemporaryFolder()
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let second = try await buildCollector(
        configuration: CollectorConfiguration(
          port: Int(running.port), dataFolder: folder.path + "/data",
          catalogPaths: [running.folder.path + "/weaver.yaml"]),
        store: {
          try await SQLiteEventStore(
            folder: $0.folder, pepper: $0.pepper, clock: { SystemClock().now() }, logger: logger)
        },
        logger: logger)
      let error = await #expect(throws: CollectorError.self) {
        try await second.run(stopOnSignals: false) { _ in }
      }
      #expect(error?.message.contains("is in use") == true)
    }
  }
}
