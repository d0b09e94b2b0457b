import AvowCatalog
import AvowWire
import Foundation
import Testing

struct GeneratorTests {
  /// Everything that could go wrong with names: keywords, collisions, sets that differ under one name.
  static let awkward = Catalog(
    app: "awkward", name: "3rd \"party\" tool", version: 1,
    consent: .init(enabledNotice: "Quoted \"text\", a \\ and \\(interpolation)\nand a second line."),
    delivery: .init(everyMilliseconds: 1_500),
    never: [.kind(.identity), .kind(.ipAddress), .sentence("Prose that no program needs.")],
    context: [
      Field("app_version", .version(), source: .appVersion),
      Field(
        "type",
        .text(.oneOf(["default", "self", "init", "allCases", "x86_64", "3.12", "-", "GitHub Actions"]))),
      Field("self", .integer(NumberRule(min: -5, max: 5, bucket: [-5, 0, 5]))),
      Field("encoder", .text(.pattern("[a-z]{1,8}"))),
      Field("catalog", .number(NumberRule(min: 0.5, bucket: [0.5, 1.5]))),
    ],
    events: [
      EventDeclaration("encode"),
      EventDeclaration(
        "init",
        description:
          "A description that is long enough to need a second line, and says what happened and why.",
        status: .dormant, note: "Not yet.", expires: .version("2.0"),
        properties: [
          Field("class", .boolean, description: "Swift's word."), Field("count", .integer()),
          Field("item", .list(of: .integer(NumberRule(min: 0, bucket: [0, 10])), maxItems: 3)),
          Field("type", .text(.oneOf(["one", "two"]))), Field("other_type", .text(.oneOf(["one", "two"]))),
          Field("event", .list(of: .text(.oneOf(["a", "A b", "aB"])))),
        ]),
      EventDeclaration(
        "switch", expires: .date("2031-01-01"),
        properties: [
          Field(
            "strings",
            .records(
              [Field("string", .text(.free(reason: "r", maxLength: 9))), Field("in", .number())], maxItems: 2)
          ),
          Field("rows", .records([Field("row", .boolean), Field("kind", .text(.oneOf(["x"])))])),
          Field("class_name", .version(.minor)), Field("class", .version()),
        ]),
      EventDeclaration("list_reports"), EventDeclaration("list__reports"),
      EventDeclaration(
        "case", description: "Counted.", properties: [Field("count", .integer(NumberRule(min: 0)))]),
      EventDeclaration(
        "defer", description: "Timed.",
        properties: [
          Field("count", .integer()),
          Field("durations", .list(of: .number(NumberRule(bucket: [0, 1]))), unit: "ms"),
        ]),
      EventDeclaration(
        "untimed",
        properties: [Field("count", .integer()), Field("lengths", .list(of: .number()), unit: "km")]),
    ])

  static func all() throws -> [Catalog] {
    try Catalogs.names.map(Catalogs.catalog) + [awkward] + (1...10).map(RandomCatalog.make)
  }

  @Test func `generated code is as swift format leaves it`() throws {
    try Tool.withFolder { folder in
      let settings = Catalogs.folder.deletingLastPathComponent().appending(path: ".swift-format")
      for catalog in try Self.all() {
        let file = folder.appending(path: "\(catalog.app).swift")
        let code = SwiftGenerator.generate(catalog)
        #expect(code == SwiftGenerator.generate(catalog))
        try code.write(to: file, atomically: true, encoding: .utf8)
        let result = try Tool.run(
          ["swift", "format", "--configuration", settings.path(), file.path()], in: folder)
        #expect(result.status == 0)
        let same = zip(result.output.split(separator: "\n"), code.split(separator: "\n")).prefix { $0 == $1 }
          .count
        let isSame = result.output == code
        #expect(
          isSame,
          "\(catalog.app): \(result.output.split(separator: "\n").dropFirst(same).prefix(3)) instead of \(code.split(separator: "\n").dropFirst(same).prefix(3))"
        )
      }
    }
  }

  /// The built modules of the client, beside the test bundle.
  private static let build: URL = {
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
    return URL(filePath: program).deletingLastPathComponent()
  }()

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/exe"), "objects are found by /proc"))
  func
    `the generated code of all catalogs and fifty random ones compiles as one module and holds what was declared`()
    throws
  {
    let catalogs = try Catalogs.names.map(Catalogs.catalog) + [Self.awkward, WholeCatalog.catalog]
    let random = (100..<150).map { RandomCatalog.make(seed: $0) }
    try Tool.withFolder { folder in
      var sources: [String] = []
      func write(_ text: String, _ name: String) throws {
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        sources.append(file.path())
      }
      var main = "import Avow\n"
      for catalog in catalogs + random {
        try write(SwiftGenerator.generate(catalog), "\(catalog.app).swift")
        let name = SwiftGenerator.typeName(of: catalog)
        main += "print(\(name).catalog.digest, \(name).digest)\n"
      }
      main += """
        let report = Evidently.Event.listReports(reportsCount: 19)
        let upload = BlindAI.Event.sendModel(modelName: "resnet", sign: true, clientPlatformName: .darwin)
        let tried = Speedster.Event.optimization(
          framework: .torch, optimizations: [Speedster.Optimization(compiler: "torch", technique: "original", latency: 0.03)])
        let context = BlindAI.Context(sgxMode: .hw)
        print(report, upload, tried, context)

        """
      try write(main, "main.swift")
      var objects: [String] = []
      for module in ["Avow", "AvowCore", "CAvowShims"] {
        let place = Self.build.appending(path: "\(module).build")
        objects += try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
          .filter { $0.pathExtension == "o" }.map { $0.path() }
      }
      let shims = Self.build.appending(path: "CAvowShims.build/module.modulemap").path()
      let result = try Tool.run(
        [
          "swiftc", "-swift-version", "6", "-module-name", "Generated", "-Onone", "-wmo",
          "-warnings-as-errors",
          "-enable-upcoming-feature", "ExistentialAny", "-enable-upcoming-feature", "MemberImportVisibility",
          "-enable-upcoming-feature", "InternalImportsByDefault",
          "-I", Self.build.appending(path: "Modules").path(), "-Xcc", "-fmodule-map-file=\(shims)",
          "-lm", "-ldl", "-o", "generated",
        ] + sources + objects, in: folder)
      try #require(result.status == 0, "\(result.output.prefix(4000))")
      let printed = try Tool.run([folder.appending(path: "generated").path()], in: folder)
      #expect(printed.status == 0)
      for catalog in catalogs + random {
        let isSame = printed.output.contains("\(catalog.digest) \(catalog.digest)\n")
        #expect(isSame, "\(catalog.app)")
      }
    }
  }

  @Test(arguments: [
    ("blindai", "InferenceServer/Generated/BlindAI.swift"), ("jina", "Flow/Generated/Jina.swift"),
    ("speedster", "Optimizer/Generated/Speedster.swift"),
    ("evidently", "MonitoringService/Generated/Evidently.swift"),
  ])
  func `the code of the examples is what their catalogs give`(name: String, path: String) throws {
    let formats: [Catalog.Delivery.Format] = ["blindai": [.amplitude], "evidently": [.jitsu]][name] ?? []
    let code = SwiftGenerator.generate(try Catalogs.catalog(name), layouts: formats)
    let file = Catalogs.folder.deletingLastPathComponent().appending(path: "Examples/Sources/" + path)
    if PageTests.isUpdating { try code.write(to: file, atomically: true, encoding: .utf8) }
    #expect(try String(contentsOf: file, encoding: .utf8) == code)
  }

  @Test func `only code that was asked to lay out a format carries that, and freshness keeps asking`() throws
  {
    let catalog = try Catalogs.catalog("evidently")
    let plain = SwiftGenerator.generate(catalog)
    let asked = SwiftGenerator.generate(catalog, layouts: [.jitsu])
    #expect(!plain.contains("WireLayout") && SwiftGenerator.layouts(in: plain) == [])
    #expect(
      asked.contains(#"splitVersions: ["python_version"]"#) && SwiftGenerator.layouts(in: asked) == [.jitsu])
    for code in [plain, asked] {
      #expect(CatalogFreshness.stale(catalog, [.init(.swift, path: "a.swift", text: code)]) == [])
    }
    var changed = catalog
    changed.accepts[0].flatten = ["more"]
    #expect(CatalogFreshness.stale(changed, [.init(.swift, path: "a.swift", text: plain)]) == [])
    #expect(CatalogFreshness.stale(changed, [.init(.swift, path: "a.swift", text: asked)]).count == 1)
  }

  @Test func `a closed set keeps the order of the catalog and is shared where it is the same`() {
    let code = SwiftGenerator.generate(Self.awkward)
    #expect(code.contains("case `default`"))
    #expect(code.contains("case x86_64"))
    #expect(code.components(separatedBy: "Int, Sendable, CaseIterable").count - 1 == 4)
    #expect(!code.contains("Prose that no program needs"))
    #expect(
      code.contains("public enum Counter: Int, DeclaredCounter {\n    /// Counted.\n    case `case`\n"))
    #expect(
      code.contains("public enum Timing: Int, DeclaredTiming {\n    /// Timed.\n    case `defer`\n\n"))
  }
}
