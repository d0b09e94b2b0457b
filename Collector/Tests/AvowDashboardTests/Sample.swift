import AvowStore
import AvowWire

/// Catalogs and days for the tests: two tools in the manner of real ones.
enum Sample {
  /// Saturday 21 November 2026.
  static let today = CivilDate(year: 2026, month: 11, day: 21).dayNumber

  static let monitor = Catalog(
    app: "monitor", name: "Monitor", version: 4,
    purpose: "We want to know how many people use the monitoring service and which of its features they use.",
    questions: [
      "How many people are actively using the tool?", "Which features are being used most?",
      "What is the environment you run it in?",
    ],
    context: [
      Field("app_version", .version(), why: "To know which releases are still in use.", source: .appVersion),
      Field(
        "os_name", StandardField.osName.type, why: "To test where people run it.", source: .osName),
      Field("os_version", .version(), why: "To test where people run it.", source: .osVersion),
      Field(
        "python_version", .version(), description: "The version of Python.",
        why: "To know when support for an old one may end.", source: .runtimeVersion),
      Field(
        "edition", .text(.oneOf(["oss", "cloud", "other"])), description: "How it was installed.",
        why: "To see whether the packages are used."),
      Field(
        "memory", .integer(), why: "To know how large a machine we may expect.", unit: "bytes",
        source: .memory),
    ],
    events: [
      EventDeclaration(
        "startup", description: "The service was started.", why: "It is the base of all shares."),
      EventDeclaration("index", description: "A user opened the first page.", why: "To see what is used."),
      EventDeclaration(
        "list_projects", description: "A user opened the list of projects.", why: "To see what is used.",
        properties: [
          Field(
            "project_count", .integer(NumberRule(min: 0)), description: "How many projects there were.",
            unit: "projects")
        ]),
      EventDeclaration(
        "project_dashboard", description: "A user opened a project.", why: "To see what is used."),
      EventDeclaration(
        "list_reports", description: "A user opened the list of reports.",
        why: "To see how many reports people keep.",
        properties: [
          Field(
            "reports_count", .integer(NumberRule(min: 0)), description: "How many reports there were.",
            unit: "reports"),
          Field("filtered", .boolean, description: "Whether the list was narrowed down."),
        ]),
      EventDeclaration(
        "list_test_suites", description: "A user opened the list of test suites.", why: "To see what is used."
      ),
      EventDeclaration(
        "add_snapshot", description: "A snapshot was added to a project.",
        why: "To learn which metrics matter.",
        properties: [
          Field("snapshot_type", .text(.oneOf(["report", "test_suite"])), description: "What kind it is."),
          Field("metrics", .list(of: .text(.pattern("[A-Za-z]{1,64}"))), description: "The metrics in it."),
        ]),
      EventDeclaration(
        "search_projects", description: "A user searched for a project.", why: "To see what is used.",
        status: .dormant,
        note: "Not supported by the interface today."),
      EventDeclaration(
        "get_snapshot_data", description: "A snapshot was read.", why: "To learn which metrics matter.",
        expires: .date("2027-03-01"),
        properties: [
          Field("snapshot_type", .text(.oneOf(["report", "test_suite"])), description: "What kind it is.")
        ]),
    ])

  static let optimizer = Catalog(
    app: "optimizer", name: "Optimizer", version: 2,
    purpose: "To see which techniques make models faster, and on which hardware.",
    questions: [
      "Which compilers and techniques bring the lowest latency?", "How large are the models? (model_size)",
      "Should we write a plug-in?",
    ],
    identity: Catalog.Identity(user: .process),
    context: [
      Field("app_version", .version(), why: "To know which releases are in use.", source: .appVersion),
      Field("processor", StandardField.processor.type, why: "Speed depends on it.", source: .processor),
    ],
    events: [
      EventDeclaration(
        "optimization", description: "A model was optimized.", why: "To learn what works.",
        properties: [
          Field("model_size", .integer(), description: "The size of the model.", unit: "bytes"),
          Field(
            "framework", .text(.oneOf(["torch", "tensorflow", "onnx", "other"])),
            description: "Its framework."),
          Field(
            "optimizations",
            .records([
              Field("compiler", .text(.pattern("[A-Za-z0-9_]{1,64}")), description: "What compiled it."),
              Field("technique", .text(.pattern("[A-Za-z0-9_]{1,64}")), description: "What was tried."),
              Field("latency", .number(), description: "Absent when the compiler failed.", unit: "s"),
            ]), description: "One row for each thing tried."),
        ])
    ])

  static let catalogs = [monitor, optimizer]

  static func question(
    _ subject: Question.Subject, app: String = "monitor", event: String? = nil, days: Int = 28,
    period: Question.Period = .total, filters: [Filter] = []
  ) -> Question {
    Question(
      app: app, subject, event: event, interval: .days(days, through: today), period: period, filters: filters
    )
  }
}
