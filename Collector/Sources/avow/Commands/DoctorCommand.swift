import ArgumentParser
import AvowServer
import AvowStore
import AvowStoreSQLite
import AvowWire

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Examines the data folder and says how to mend what is wrong.",
    discussion: """
      Reads every page of the databases and changes nothing; works while the collector runs, when it does not, and \
      when it cannot start. Ends with 1 when something is damaged, lost or open to others.
      """)

  @Option(name: .long, help: "text or json.") var format = "text"
  @OptionGroup var options: DataOptions

  func validate() throws {
    guard format == "text" || format == "json" else { throw ValidationError("--format is text or json") }
  }

  func run() async throws {
    try DataFolder.check(options.folder)
    let bar = ProgressBar()
    let findings =
      [running()]
      + FolderCheck(folder: options.folder, pepperFile: Environment["AVOW_PEPPER_FILE"]).findings()
      + StoreCheck(folder: options.folder, now: SystemClock().now()).findings { bar.show($1, of: $2, $0) }
    bar.clear()
    let worst = findings.map(\.severity).max() ?? .fine
    if format == "json" {
      print(
        JSONValue.object([
          "state": .string(worst.rawValue), "findings": .array(findings.map(Self.json)),
        ]).text)
    } else {
      for finding in findings { print(Self.line(finding)) }
    }
    if worst == .error { throw ExitCode(1) }
  }

  /// Whether a collector holds the folder, and answers.
  private func running() -> Finding {
    guard DataFolder.isLocked(options.folder) else {
      return Finding(.fine, "the collector", "does not run on this folder")
    }
    let answer = try? ControlClient(folder: options.folder).send(AdminRequest("GET", "status")) { _ in }
    guard answer?.status == 200 else {
      return Finding(
        .error, "the collector", "holds the folder but does not answer",
        remedy: "look at its log, then stop and start it")
    }
    return Finding(.fine, "the collector", "runs and answers")
  }

  private static func line(_ finding: Finding) -> String {
    let mark =
      switch finding.severity {
      case .fine: "ok     "
      case .warning: "warning"
      case .error: "ERROR  "
      }
    return "\(mark)  \(finding.subject): \(finding.text)" + (finding.remedy.map { " -> \($0)" } ?? "")
  }

  private static func json(_ finding: Finding) -> JSONValue {
    [
      "severity": .string(finding.severity.rawValue), "subject": .string(finding.subject),
      "text": .string(finding.text), "remedy": finding.remedy.map(JSONValue.string) ?? .null,
    ]
  }
}
