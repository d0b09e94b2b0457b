import ArgumentParser
import AvowCatalog
import AvowServer

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints the grammar as a JSON Schema, for editors.",
    discussion: """
      Editors that understand the line below complete keys and mark slips while you write:

        # yaml-language-server: $schema=telemetry.schema.json
      """)

  @Option(name: .shortAndLong, help: "Where to write; absent: printed.") var output: String?

  func run() throws { try deliver(CatalogSchema.text, to: output) }
}
