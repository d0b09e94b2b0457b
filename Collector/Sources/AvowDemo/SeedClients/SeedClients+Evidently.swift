import AvowWire

extension SeedClients {
  /// Evidently's releases; each brings its own `iterative-telemetry`.
  private static let evidentlyReleases = [
    Release(day: -1, version: "0.4.0"), Release(day: 8, version: "0.4.2"),
    Release(day: 24, version: "0.4.4"), Release(day: 40, version: "0.4.11"),
  ]

  /// Returns the requests of Evidently's Monitoring UI: one flat object per action, to Jitsu's address.
  public func evidently(day: Int) -> [ForeignRequest] {
    population(of: "evidently").active(day: day).flatMap { member, random in
      var random = random
      let release = Population.release(of: Self.evidentlyReleases, for: member, day: day)
      var time = moment(day: day, &random)
      return Self.evidentlyActions(member: member, version: release.version, &random).map { action in
        time = time.advanced(bySeconds: random.duration(around: 40))
        return evidently(action, member: member, version: release.version, time: time)
      }
    }
  }

  /// One call of the service's HTTP interface.
  struct EvidentlyAction: Sendable {
    var name: String
    var extra: @Sendable (inout JSONWriter) -> Void = { _ in }
  }

  private static func evidentlyActions(
    member: Member, version: String, _ random: inout SeededGenerator
  ) -> [EvidentlyAction] {
    var actions: [EvidentlyAction] = []
    let projects = 1 + Int(member.identity % 6)
    // From 0.4.11 on the service no longer says that it started, nor that its first page was opened.
    if version != "0.4.11" {
      actions += [EvidentlyAction(name: "startup"), EvidentlyAction(name: "index")]
    }
    actions.append(
      EvidentlyAction(name: "list_projects") { $0.member("project_count", integer: projects) })
    if random.chance(0.15) { actions.append(EvidentlyAction(name: "add_project")) }
    for _ in 0..<random.integer(1...2) {
      actions += [EvidentlyAction(name: "get_project_info"), EvidentlyAction(name: "project_dashboard")]
      if random.chance(0.7) {
        let reports = random.integer(0...40)
        actions.append(
          EvidentlyAction(name: "list_reports") { $0.member("reports_count", integer: reports) })
      }
      if random.chance(0.45) { actions.append(EvidentlyAction(name: "list_test_suites")) }
      if random.chance(0.5) { actions.append(snapshot(&random)) }
    }
    for (name, chance) in [
      ("get_snapshot_download", 0.06), ("get_snapshot_graph_data", 0.08), ("add_snapshot", 0.12),
      ("list_project_dashboard_panels", 0.05), ("search_projects", 0.04), ("update_project_info", 0.04),
    ] where random.chance(chance) {
      actions.append(EvidentlyAction(name: name))
    }
    return actions
  }

  private static func snapshot(_ random: inout SeededGenerator) -> EvidentlyAction {
    let isReport = random.chance(0.65)
    let metrics = [
      "DatasetDriftMetric", "DatasetMissingValuesMetric", "ColumnDriftMetric", "ColumnQuantileMetric",
      "ColumnSummaryMetric", "RegressionQualityMetric",
    ]
    let tests = [
      "TestNumberOfMissingValues", "TestShareOfDriftedColumns", "TestColumnDrift",
      "TestAccuracyScore",
    ]
    let names = (0..<random.integer(1...6)).map { _ in
      let choices = isReport ? metrics : tests
      return choices[random.integer(0...choices.count - 1)]
    }
    let presets = random.chance(0.3) ? [isReport ? "DataDriftPreset" : "DataStabilityTestPreset"] : []
    return EvidentlyAction(name: "get_snapshot_data") {
      $0.member("snapshot_type", isReport ? "report" : "test_suite")
      $0.member("metrics", strings: isReport ? names : [])
      $0.member("metric_presets", strings: isReport ? presets : [])
      $0.member("metric_generators", strings: [])
      $0.member("tests", strings: isReport ? [] : names)
      $0.member("test_presets", strings: isReport ? [] : presets)
      $0.member("test_generators", strings: [])
    }
  }

  private func evidently(
    _ action: EvidentlyAction, member: Member, version: String, time: Timestamp
  ) -> ForeignRequest {
    var identity = SeededGenerator(seed: member.identity)
    let user = identity.uuid()
    let isFirst = version == "0.4.0"
    let machine = member.machine
    func system(_ writer: inout JSONWriter) {
      let name =
        switch machine.system {
        case .linux: "linux"
        case .macos: "mac"
        case .windows: "windows"
        }
      writer.member("os_name", name)
      writer.member("os_version", machine.systemVersion)
    }
    let body = PythonJSON { writer in
      writer.beginObject()
      writer.member("interface", version == "0.4.11" ? "service" : "service_backend")
      writer.member("action", action.name)
      writer.member("error", nil)
      writer.key("extra")
      writer.beginObject()
      action.extra(&writer)
      writer.endObject()
      if isFirst {
        writer.member("tool_name", "evidently")
        writer.member("tool_version", version)
        system(&writer)
        writer.member("user_id", user)
        writer.member("group_id", "")
      } else {
        writer.key("python_version")
        writer.beginObject()
        writer.member("major", integer: member.python.major)
        writer.member("minor", integer: member.python.minor)
        writer.member("patch", integer: member.python.patch)
        writer.endObject()
        writer.member("tool_name", "evidently")
        writer.member("tool_version", version)
        writer.member("user_id", user)
        writer.member("group_id", nil)
        system(&writer)
      }
      writer.endObject()
    }
    return ForeignRequest(
      app: "evidently",
      generation: "\(version), iterative-telemetry \(isFirst ? "0.0.5" : "0.0.10")", time: time,
      path: "/api/v1/s2s/event",
      query: [("ip_policy", "strict"), ("token", keys["evidently"] ?? "")],
      headers: Self.pythonRequests, body: body.bytes, events: 1, secrets: [user])
  }

  /// What `requests` adds to a POST of JSON.
  static let pythonRequests: [(name: String, value: String)] = [
    ("User-Agent", "python-requests/2.31.0"), ("Accept-Encoding", "gzip, deflate"),
    ("Accept", "*/*"), ("Connection", "keep-alive"), ("Content-Type", "application/json"),
  ]
}
