// Written by `avow generate swift --layout jitsu` from the catalog of Evidently, version 1.
// Change the catalog and write it again instead of changing this file.

public import Avow

/// What Evidently declares about its telemetry.
public enum Evidently: DeclaredCatalog {
  /// Names what is collected: client and collector compute the same.
  public static let digest = "7385ef225215da55fbf0f0cce5c998e675032b21de30c00cfb39917127968c76"

  /// The declaration, without the prose that no running program needs.
  public static let catalog = Catalog(
    app: "evidently",
    name: "Evidently",
    version: 1,
    since: "0.4.0",
    contact: "privacy@telemetry.example.org",
    recipient: Catalog.Recipient(name: "Evidently AI", url: "https://www.evidentlyai.com"),
    consent: Catalog.Consent(
      default: .enabled,
      optOut: [Catalog.Consent.Variable(name: "DO_NOT_TRACK", meaning: .set)],
      reportsInCI: true,
      enabledNotice:
        "Anonymous usage reporting is enabled. To disable it, set env variable DO_NOT_TRACK to any value",
      disabledNotice: "Anonymous usage reporting is disabled"),
    identity: Catalog.Identity(user: .installation, rotate: .never, session: .process),
    delivery: Catalog.Delivery(
      everyMilliseconds: 2000,
      to: "https://telemetry.example.org",
      key: "wk_evidently_example",
      format: .avow),
    retention: .months(13),
    never: [.kind(.identity), .kind(.email), .kind(.ipAddress), .kind(.userContent)],
    context: [
      Field("app_version", .version(), source: .appVersion, wire: "tool_version"),
      Field(
        "os_name",
        .text(
          .oneOf(["linux", "macos", "windows", "freebsd", "openbsd", "netbsd", "android", "ios", "other"])),
        source: .osName),
      Field("os_version", .version(), source: .osVersion),
      Field("python_version", .version(), source: .runtimeVersion),
      Field("source_ip", .text(.pattern("[0-9a-f.:/]{3,45}")), source: .network),
      Field("tool_name", .text(.oneOf(["evidently"]))),
      Field("interface", .text(.oneOf(["service_backend", "service"]))),
    ],
    events: [
      EventDeclaration("startup", expires: .never),
      EventDeclaration("index", expires: .never),
      EventDeclaration(
        "list_projects",
        expires: .never,
        properties: [Field("project_count", .integer(NumberRule(min: 0)), unit: "projects")]),
      EventDeclaration("get_project_info", expires: .never),
      EventDeclaration("project_dashboard", expires: .never),
      EventDeclaration(
        "list_reports",
        expires: .never,
        properties: [Field("reports_count", .integer(NumberRule(min: 0)), unit: "reports")]),
      EventDeclaration("list_test_suites", expires: .never),
      EventDeclaration("get_snapshot_download", expires: .never),
      EventDeclaration("add_project", expires: .never),
      EventDeclaration("search_projects", status: .dormant, expires: .never),
      EventDeclaration("update_project_info", status: .dormant, expires: .never),
      EventDeclaration("get_snapshot_graph_data", status: .dormant, expires: .never),
      EventDeclaration(
        "get_snapshot_data",
        status: .dormant,
        expires: .never,
        properties: [
          Field("snapshot_type", .text(.oneOf(["report", "test_suite", "other"]))),
          Field("metrics", .list(of: .text(.pattern("[A-Za-z][A-Za-z0-9_]{0,63}")), maxItems: 64)),
          Field("metric_presets", .list(of: .text(.pattern("[A-Za-z][A-Za-z0-9_]{0,63}")), maxItems: 64)),
          Field("metric_generators", .list(of: .text(.pattern("[A-Za-z][A-Za-z0-9_]{0,63}")), maxItems: 64)),
          Field("tests", .list(of: .text(.pattern("[A-Za-z][A-Za-z0-9_]{0,63}")), maxItems: 64)),
          Field("test_presets", .list(of: .text(.pattern("[A-Za-z][A-Za-z0-9_]{0,63}")), maxItems: 64)),
          Field("test_generators", .list(of: .text(.pattern("[A-Za-z][A-Za-z0-9_]{0,63}")), maxItems: 64)),
        ]),
      EventDeclaration("list_project_dashboard_panels", status: .dormant, expires: .never),
      EventDeclaration("add_snapshot", status: .dormant, expires: .never),
    ],
    published: [
      .init(text: "users"),
      .init(text: "new and returning users"),
      .init(text: "users by app_version"),
      .init(text: "users by os_name"),
      .init(text: "events by event"),
    ])

  /// Where requests in a format that the tool's clients have always used hold what is declared.
  public static func layout(of format: Catalog.Delivery.Format) -> WireLayout? {
    switch format {
    case .jitsu:
      WireLayout(
        event: "action",
        user: "user_id",
        properties: "extra",
        fields: ["app_version": "tool_version", "python_version": "python_version"],
        splitVersions: ["python_version"])
    default: nil
    }
  }

  /// The context values that the program gives; all others the client finds out by itself.
  public struct Context: DeclaredContext {
    /// The name of the tool.
    public var toolName: ToolName?
    /// Which part of the tool reports.
    public var interface: Interface?

    /// Creates a context in which nothing is known.
    public init() {}

    /// Creates a context from what is known.
    public init(toolName: ToolName? = nil, interface: Interface? = nil) {
      self.toolName = toolName
      self.interface = interface
    }

    /// Writes the present values.
    public func encode(into encoder: inout EventEncoder) {
      if let toolName {
        encoder.choice(toolName.rawValue, field: 5)
      }
      if let interface {
        encoder.choice(interface.rawValue, field: 6)
      }
    }
  }

  /// What can be recorded.
  public enum Event: DeclaredEvent {
    /// The service started.
    case startup
    /// A user opened the start page.
    case index
    /// A user opened the list of projects.
    ///
    /// - Parameters:
    ///   - projectCount: How many projects the list shows.
    case listProjects(projectCount: Int? = nil)
    /// A user opened a project.
    case getProjectInfo
    /// A user opened the dashboard of a project.
    case projectDashboard
    /// A user opened the list of reports.
    ///
    /// - Parameters:
    ///   - reportsCount: How many reports the list shows.
    case listReports(reportsCount: Int? = nil)
    /// A user opened the list of test suites.
    case listTestSuites
    /// A user downloaded a snapshot.
    case getSnapshotDownload
    /// A user added a project.
    case addProject
    /// A user searched for projects. Not sent today. The UI does not offer this action at present.
    case searchProjects
    /// A user changed a project. Not sent today. The UI does not offer this action at present.
    case updateProjectInfo
    /// A user opened a graph of a snapshot. Not sent today. The UI does not offer this action at present.
    case getSnapshotGraphData
    /// A user opened a report or a test suite. Not sent today. The UI does not offer this action at present.
    ///
    /// - Parameters:
    ///   - snapshotType: Whether a report or a test suite was opened.
    ///   - metrics: The classes of metrics, presets, generators or tests it holds.
    ///   - metricPresets: The classes of metrics, presets, generators or tests it holds.
    ///   - metricGenerators: The classes of metrics, presets, generators or tests it holds.
    ///   - tests: The classes of metrics, presets, generators or tests it holds.
    ///   - testPresets: The classes of metrics, presets, generators or tests it holds.
    ///   - testGenerators: The classes of metrics, presets, generators or tests it holds.
    case getSnapshotData(
      snapshotType: SnapshotType? = nil,
      metrics: [String]? = nil,
      metricPresets: [String]? = nil,
      metricGenerators: [String]? = nil,
      tests: [String]? = nil,
      testPresets: [String]? = nil,
      testGenerators: [String]? = nil
    )
    /// A user listed the panels of a dashboard. Not sent today. The UI does not offer this action at present.
    case listProjectDashboardPanels
    /// A snapshot was added to a project. Not sent today. The UI does not offer this action at present.
    case addSnapshot

    /// Writes the event's number and its present properties.
    public func encode(into encoder: inout EventEncoder) {
      switch self {
      case .startup:
        encoder.begin(event: 0)
      case .index:
        encoder.begin(event: 1)
      case .listProjects(let projectCount):
        encoder.begin(event: 2)
        if let projectCount {
          encoder.integer(projectCount, field: 0, in: 0...1_099_511_627_776)
        }
      case .getProjectInfo:
        encoder.begin(event: 3)
      case .projectDashboard:
        encoder.begin(event: 4)
      case .listReports(let reportsCount):
        encoder.begin(event: 5)
        if let reportsCount {
          encoder.integer(reportsCount, field: 0, in: 0...1_099_511_627_776)
        }
      case .listTestSuites:
        encoder.begin(event: 6)
      case .getSnapshotDownload:
        encoder.begin(event: 7)
      case .addProject:
        encoder.begin(event: 8)
      case .searchProjects:
        encoder.begin(event: 9)
      case .updateProjectInfo:
        encoder.begin(event: 10)
      case .getSnapshotGraphData:
        encoder.begin(event: 11)
      case .getSnapshotData(
        let snapshotType,
        let metrics,
        let metricPresets,
        let metricGenerators,
        let tests,
        let testPresets,
        let testGenerators
      ):
        encoder.begin(event: 12)
        if let snapshotType {
          encoder.choice(snapshotType.rawValue, field: 0)
        }
        if let metrics {
          let count = encoder.beginList(field: 1, count: metrics.count, maxItems: 64)
          for item in metrics.prefix(count) {
            encoder.text(item, field: 0, maxLength: 64)
          }
          encoder.endList()
        }
        if let metricPresets {
          let count = encoder.beginList(field: 2, count: metricPresets.count, maxItems: 64)
          for item in metricPresets.prefix(count) {
            encoder.text(item, field: 0, maxLength: 64)
          }
          encoder.endList()
        }
        if let metricGenerators {
          let count = encoder.beginList(field: 3, count: metricGenerators.count, maxItems: 64)
          for item in metricGenerators.prefix(count) {
            encoder.text(item, field: 0, maxLength: 64)
          }
          encoder.endList()
        }
        if let tests {
          let count = encoder.beginList(field: 4, count: tests.count, maxItems: 64)
          for item in tests.prefix(count) {
            encoder.text(item, field: 0, maxLength: 64)
          }
          encoder.endList()
        }
        if let testPresets {
          let count = encoder.beginList(field: 5, count: testPresets.count, maxItems: 64)
          for item in testPresets.prefix(count) {
            encoder.text(item, field: 0, maxLength: 64)
          }
          encoder.endList()
        }
        if let testGenerators {
          let count = encoder.beginList(field: 6, count: testGenerators.count, maxItems: 64)
          for item in testGenerators.prefix(count) {
            encoder.text(item, field: 0, maxLength: 64)
          }
          encoder.endList()
        }
      case .listProjectDashboardPanels:
        encoder.begin(event: 13)
      case .addSnapshot:
        encoder.begin(event: 14)
      }
    }
  }

  /// A value of `tool_name`; the number is its place in the catalog.
  public enum ToolName: Int, Sendable, CaseIterable {
    /// `evidently`
    case evidently
  }

  /// A value of `interface`; the number is its place in the catalog.
  public enum Interface: Int, Sendable, CaseIterable {
    /// `service_backend`
    case serviceBackend
    /// `service`
    case service
  }

  /// A value of `snapshot_type`; the number is its place in the catalog.
  public enum SnapshotType: Int, Sendable, CaseIterable {
    /// `report`
    case report
    /// `test_suite`
    case testSuite
    /// `other`
    case other
  }
}
