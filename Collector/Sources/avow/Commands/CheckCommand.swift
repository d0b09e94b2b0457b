import ArgumentParser
import AvowCatalog
import AvowServer
import AvowStore
import AvowWire

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks catalogs, and that pages and generated code still follow from them.",
    discussion: """
      Exit status: 0 when all is well (warnings do not count), 1 when a catalog has errors or a file is stale.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

  @Argument(help: "Catalog files.") var files: [String]
  @Option(name: .long, help: "How to print what was found: text, json or sarif.") var format: Format = .text
  @Flag(name: .long, help: "Also compare the files named below with what the catalog gives now.")
  var fresh = false
  @Option(name: .long, help: "The Markdown page.") var page: [String] = []
  @Option(name: .long, help: "The HTML page.") var html: [String] = []
  @Option(name: .long, help: "The generated Swift file.") var code: [String] = []
  @Option(name: .long, help: "A Markdown file with the page between markers.") var embedded: [String] = []

  private var artifacts: [(CatalogFreshness.Product, [String])] {
    [(.page, page), (.html, html), (.swift, code), (.block, embedded)]
  }

  func validate() throws {
    let named = artifacts.contains { !$0.1.isEmpty }
    if fresh, files.count != 1 { throw ValidationError("--fresh checks one catalog at a time") }
    if fresh, !named {
      throw ValidationError("--fresh needs to know what to compare: --page, --html, --code or --embedded")
    }
    if !fresh, named { throw ValidationError("--page, --html, --code and --embedded go with --fresh") }
  }

  func run() throws {
    var diagnostics: [Diagnostic] = []
    var stale: [CatalogFreshness.Stale] = []
    for file in files {
      let source = try CatalogSource(file)
      diagnostics += source.reading.diagnostics
      guard let catalog = source.reading.catalog else { continue }
      diagnostics += Self.publishing(catalog, file: file)
      if fresh {
        stale = CatalogFreshness.stale(catalog, artifacts.flatMap(Self.read))
      } else if format == .text {
        let events = catalog.events.count == 1 ? "1 event" : "\(catalog.events.count) events"
        print(
          "\(file): \(catalog.name), version \(catalog.version), \(events), digest \(catalog.digest.prefix(12))"
        )
      }
    }
    let report = DiagnosticReport(diagnostics)
    switch format {
    case .text: printError(report.text, terminator: "")
    case .json: print(report.json.text)
    case .sarif: print(report.sarif.text)
    }
    for line in stale { printError("\(line)") }
    if !stale.isEmpty || diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
  }

  /// What of `public:` no page can show: questions are the store's matter, which reading knows nothing of.
  private static func publishing(_ catalog: Catalog, file: String) -> [Diagnostic] {
    let lines = String(decoding: SmallFile.read(file) ?? [], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let start = lines.firstIndex { $0.hasPrefix("public:") } ?? 0
    return PublicQuestion.problems(of: catalog).map { problem in
      let line = lines[start...].firstIndex { $0.contains(problem.text) } ?? start
      return Diagnostic(
        .error, file: file, line: line + 1, column: 1, code: "A033",
        message: "\"\(problem.text)\" is not published: \(problem.reason)")
    }
  }

  private static func read(_ product: CatalogFreshness.Product, _ paths: [String])
    -> [CatalogFreshness.Artifact]
  {
    paths.map { path in
      let text = SmallFile.read(path).map { String(decoding: $0, as: UTF8.self) }
      return CatalogFreshness.Artifact(product, path: path, text: text)
    }
  }
}
