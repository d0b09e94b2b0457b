import AvowWire

extension SeedClients {
  /// Returns the rows that Evidently's maintainer takes over from Jitsu, ten days before the end.
  ///
  /// They are in the form that Evidently's page shows as its examples: Jitsu had added its own columns,
  /// the identifier of each event among them. The answer to the first request gets lost, so the same
  /// bytes arrive twice, and the second time every event is known.
  public func jitsuRows(day: Int) -> [ForeignRequest] {
    guard day == days - 10 else { return [] }
    var random = SeededGenerator(seed: SeededGenerator.seed(seed, 5), day)
    let user = random.uuid()
    let time = moment(day: day, &random)
    let actions = [
      "startup", "index", "list_projects", "get_project_info", "project_dashboard", "list_reports",
      "list_test_suites", "add_project",
    ]
    let rows = (0..<24).map { number in
      let moment = time.advanced(bySeconds: Double(number - 24) * 3_000)
      let identifier = random.uuid()
      return (action: actions[number % actions.count], moment: moment, identifier: identifier)
    }
    let body = PythonJSON { writer in
      writer.beginArray()
      for (action, moment, identifier) in rows {
        writer.beginObject()
        // Jitsu writes microseconds.
        writer.member("_timestamp", String(moment.description.dropLast()) + "528Z")
        writer.member("action", action)
        writer.member("api_key", keys["evidently"] ?? "")
        writer.member("error", nil)
        writer.member("eventn_ctx_event_id", identifier)
        writer.key("extra")
        writer.beginObject()
        if action == "list_projects" { writer.member("project_count", integer: 1) }
        if action == "list_reports" { writer.member("reports_count", integer: 19) }
        writer.endObject()
        writer.member("group_id", nil)
        writer.member("interface", "service_backend")
        writer.member("os_name", "mac")
        writer.member("os_version", "13.0.1")
        writer.key("python_version")
        writer.beginObject()
        writer.member("major", integer: 3)
        writer.member("minor", integer: 9)
        writer.member("patch", integer: 16)
        writer.endObject()
        writer.member("source_ip", "203.0.113.1")
        writer.member("src", "api")
        writer.member("tool_name", "evidently")
        writer.member("tool_version", "0.4.2")
        writer.member("user_id", user)
        writer.endObject()
      }
      writer.endArray()
    }
    let first = ForeignRequest(
      app: "evidently", generation: "rows of Jitsu", time: time, path: "/api/v1/s2s/event",
      query: [("token", keys["evidently"] ?? "")], headers: Self.pythonRequests, body: body.bytes,
      events: rows.count, droppedValues: rows.count, secrets: [user, "203.0.113.1"] + rows.map(\.identifier))
    var second = first
    second.time = time.advanced(bySeconds: 5)
    second.events = 0
    second.duplicates = rows.count
    return [first, second]
  }
}
