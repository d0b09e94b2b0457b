import ArgumentParser
import AvowCatalog
import AvowServer
import AvowWire

struct DocsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs", abstract: "Writes the page users read.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case markdown, html }

  @Argument(help: "The catalog.") var file: String
  @Option(name: .long, help: "markdown or html.") var format: Format = .markdown
  @Option(name: .shortAndLong, help: "Where to write; absent: printed.") var output: String?

  @Option(name: .long, help: "A Markdown file that gets the page between its two markers.") var embed: String?

  func run() throws {
    let catalog = try CatalogSource(file).catalog()
    if let embed {
      guard let bytes = SmallFile.read(embed) else { throw CollectorError(.failed, "cannot read \(embed)") }
      guard let text = CatalogPage.embedding(catalog, in: String(decoding: bytes, as: UTF8.self)) else {
        throw CollectorError(
          .usage,
          "\(embed) has no place for the page; write \(CatalogPage.blockStart) and \(CatalogPage.blockEnd) on lines of their own"
        )
      }
      try deliver(text, to: embed)
      return
    }
    try deliver(
      format == .html ? CatalogPage.html(catalog) : CatalogPage.markdown(catalog), to: output)
  }
}

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Writes the typed recording code.", subcommands: [SwiftCommand.self])

  struct SwiftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "swift", abstract: "Writes Swift: commit the file and rebuild.")

    @Argument(help: "The catalog.") var file: String
    @Option(name: .shortAndLong, help: "Where to write; absent: printed.") var output: String?
    @Option(
      name: .long,
      help: "A foreign format whose requests the code is to lay out as the catalog's \"accepts\" reads them.")
    var layout: [ForeignFormat] = []

    enum ForeignFormat: String, ExpressibleByArgument, CaseIterable {
      case amplitude, jitsu, segment, posthog, otlp, json
    }

    func run() throws {
      let catalog = try CatalogSource(file).catalog()
      let formats = layout.compactMap { Catalog.Delivery.Format(rawValue: $0.rawValue) }
      if let format = formats.first(where: { WireLayout(catalog, $0) == nil }) {
        throw CollectorError(
          .usage,
          "\(catalog.name) accepts no \(format.rawValue), so there is nothing to lay out; leave --layout away: values then go to the format's own places"
        )
      }
      try deliver(SwiftGenerator.generate(catalog, layouts: formats), to: output)
    }
  }
}
