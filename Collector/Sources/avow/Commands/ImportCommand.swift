import ArgumentParser
import AvowIngest
import AvowServer
import AvowWire

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Takes over events of the past: an export of Avow, Amplitude or Jitsu.",
    discussion: """
      Files hold an event a line, in JSON, gzipped or not; - reads standard input. What the catalog does not declare \
      is refused or removed, as in a request. An event that is stored already is not stored again, so an import that \
      broke off is simply repeated. Events older than the catalog keeps them go at once.

      Examples:
        avow import backup.ndjson --app evidently
        avow import 2026-*.json.gz --app evidently --format amplitude
      """)

  @Argument(help: "The files, or - for standard input.") var files: [String]
  @Option(name: .long, help: "The app the events belong to.") var app: String
  @Option(name: .long, help: "avow (what `avow export` writes), amplitude or jitsu.") var format = "avow"
  @OptionGroup var options: DataOptions

  func validate() throws {
    guard ImportFormat(rawValue: format) != nil else {
      throw ValidationError("--format is avow, amplitude or jitsu")
    }
  }

  func run() async throws {
    let bar = ProgressBar()
    var summary = ImportSummary()
    var tooLong = 0
    let purged: Int64
    do {
      purged = try await options.withCollector { ask in
        for file in files {
          var reader = try LineReader(path: file)
          while let lines = try reader.next() {
            summary.add(
              try await ask(
                AdminRequest("POST", "import", [("app", app), ("format", format)], body: lines)))
            if let size = reader.size {
              bar.show(reader.position, of: size, "\(file), \(summary.stored) stored")
            } else {
              bar.count(summary.lines, "lines, \(summary.stored) stored")
            }
          }
          tooLong += reader.tooLong
        }
        return try await ask(AdminRequest("POST", "retention"))["purged"]?.integerValue ?? 0
      }
    } catch {
      bar.clear()
      if summary.lines > 0 { print(Self.text(summary, tooLong: tooLong)) }
      throw error
    }
    bar.clear()
    print(Self.text(summary, tooLong: tooLong))
    if purged > 0 {
      print(
        "\(purged) event\(purged == 1 ? " was" : "s were") older than the catalogs keep them, and went at once."
      )
    }
    if summary.refused + summary.removed > 0 {
      print("`avow quarantine \(app)` says what was refused and why.")
    }
  }

  static func text(_ summary: ImportSummary, tooLong: Int) -> String {
    let rows: [(Int, String)] = [
      (summary.stored, "stored"), (summary.duplicates, "stored before"),
      (summary.refused + tooLong, "refused"), (summary.dropped, "dropped by the catalog"),
      (summary.erased, "of users who asked to be forgotten"),
      (summary.removed, "field\(summary.removed == 1 ? "" : "s") removed"),
    ]
    let lines = summary.lines + tooLong
    return "\(lines) line\(lines == 1 ? "" : "s"): "
      + rows.filter { $0.0 > 0 || $0.1 == "stored" }.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + "."
  }
}
