import ArgumentParser
import AvowServer
import AvowWire

struct ForgetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Erases everything stored for a user, and drops what arrives later.",
    discussion: "The catalog's page says which identifier users of a tool quote.")

  @Argument(help: "The app.") var app: String
  @Argument(help: "The identifier the user quotes.") var user: String
  @Option(name: .long, help: "Write the signed receipt into this file.") var receipt: String?
  @OptionGroup var options: DataOptions

  func run() async throws {
    let answer = try await options.json(AdminRequest("POST", "forget", [("app", app), ("user", user)]))
    let events = answer["events"]?.integerValue ?? 0
    guard answer["status"]?.stringValue == "erased" else {
      print(
        "Erased from all tables; a program that reads the data folder keeps its last traces. The receipt follows "
          + "when it lets go: avow receipt show \(answer["number"]?.integerValue ?? 0)")
      return
    }
    if let receipt { try deliver(answer.text + "\n", to: receipt) }
    print(
      events == 0
        ? "Nothing was stored for that identifier; later events of it are dropped."
        : "Erased \(events) event\(events == 1 ? "" : "s"); later ones are dropped."
    )
    if let unreachable = answer["unreachable"]?.stringValue { print("Not reached: \(unreachable).") }
    if let rest = answer["rest_by"]?.stringValue {
      print("Copies of their ids that no query reaches go by \(rest) (`avow tidy` does so now).")
    }
  }
}
