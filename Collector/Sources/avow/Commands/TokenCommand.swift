import ArgumentParser
import AvowServer
import AvowWire

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Replaces the admin token.", subcommands: [New.self])

  struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a new admin token; the old one and all sessions end at once.",
      discussion: """
        The collector keeps a digest only. The file admin-token in the data folder is your copy: move it into a \
        password store if you like, nothing reads it again.
        """)

    @Flag(name: .long, help: "Print the token and leave no copy in the data folder.") var print = false
    @OptionGroup var options: DataOptions

    func run() async throws {
      let answer = try await options.json(
        AdminRequest("POST", "token", [("copy", print ? "no" : "yes")]))
      Swift.print(
        print ? answer["token"]?.stringValue ?? "" : "The new token is in \(options.folder)/admin-token.")
    }
  }
}
