import ArgumentParser
import AvowServer
import AvowWire

struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Adds, lists and revokes the write keys of apps.",
    subcommands: [Add.self, List.self, Revoke.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a write key and prints it; it is not shown again.")

    @Argument(help: "The app the key writes to.") var app: String
    @Option(name: .long, help: "Take over a key that deployed clients carry already.") var key: String?
    @Flag(name: .long, help: "Make a secret that may ask for erasures of the app's users and nothing else.")
    var erasures = false
    @OptionGroup var options: DataOptions

    func run() async throws {
      let answer = try await options.json(
        AdminRequest("POST", "keys", [("app", app), ("key", key ?? ""), ("for", erasures ? "erasures" : "")]))
      print(answer["key"]?.stringValue ?? "")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the keys by their first characters.")

    @Argument(help: "Only this app's.") var app: String?
    @OptionGroup var options: DataOptions

    func run() async throws {
      let answer = try await options.json(AdminRequest("GET", "keys", [("app", app ?? "")]))
      let keys = answer["keys"]?.arrayValue ?? []
      guard !keys.isEmpty else {
        print("No keys yet; `avow keys add APP` makes one.")
        return
      }
      let rows = keys.map { key in
        ["app", "key", "for", "created", "revoked"].map { key[$0]?.stringValue ?? "-" }
      }
      print(table([["APP", "KEY", "FOR", "CREATED", "REVOKED"]] + rows))
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revokes a key at once; what it sends from then on is refused.")

    @Argument(help: "The key, or the first characters as `keys list` shows them.") var key: String
    @OptionGroup var options: DataOptions

    func run() async throws {
      let answer = try await options.json(AdminRequest("POST", "keys/revoke", [("key", key)]))
      print("Revoked \(answer["revoked"]?.stringValue ?? key) of \(answer["app"]?.stringValue ?? "").")
    }
  }
}
