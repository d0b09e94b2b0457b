import ArgumentParser
import AvowServer
import AvowWire

struct DeletionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deletions",
    abstract: "Lists requests for erasure and whether they are done; never whom they concern.")

  @Argument(help: "Only this app's.") var app: String?
  @OptionGroup var options: DataOptions

  func run() async throws {
    let answer = try await options.json(AdminRequest("GET", "deletions", [("app", app ?? "")]))
    let deletions = answer["deletions"]?.arrayValue ?? []
    guard !deletions.isEmpty else {
      print("Nobody asked yet; `avow forget APP ID` erases.")
      return
    }
    let names = ["number", "app", "source", "status", "users", "events", "asked", "erased", "cleaned"]
    let rows = deletions.map { deletion in
      names.map { deletion[$0]?.stringValue ?? deletion[$0]?.integerValue.map { String($0) } ?? "-" }
    }
    print(table([names.map { $0.uppercased() }] + rows))
  }
}

struct ReceiptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "Shows and verifies the signed receipts of erasures.",
    subcommands: [Show.self, Verify.self, Key.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the receipt of an erasure.")

    @Argument(help: "Its number, as `avow deletions` shows it.") var number: Int
    @OptionGroup var options: DataOptions

    func run() async throws {
      try await options.print(AdminRequest("GET", "deletions", [("number", String(number))]))
    }
  }

  struct Key: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the public key that receipts are signed with.")

    @OptionGroup var options: DataOptions

    func run() async throws {
      print(try await options.json(AdminRequest("GET", "receipt-key"))["key"]?.stringValue ?? "")
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks that a receipt is as a collector signed it.",
      discussion: """
        The collector's public key stands at its address /.well-known/telemetry as `receipt_key`; give it with \
        --key. Without it only the receipt's own key is checked, which says that nobody changed the text. \
        Exit status: 0 for a good receipt, 1 for any other.
        """)

    @Argument(help: "The receipt, a file of JSON; - reads standard input.") var file: String
    @Option(name: .long, help: "The collector's public key, in hexadecimal.") var key: String?

    func run() async throws {
      guard let bytes = SmallFile.read(file == "-" ? "/dev/stdin" : file, limit: 1 << 20) else {
        throw CollectorError(.usage, "cannot read \(file)")
      }
      let receipt = try Receipt(parsing: bytes)
      guard receipt.isSigned(by: key) else {
        printError(
          key == nil || key?.lowercased() == receipt.key
            ? "not valid: the text is not what was signed"
            : "not valid: it was signed with another key, \(receipt.key)")
        throw ExitCode(1)
      }
      let erased = receipt.json["erased"]?.stringValue ?? ""
      print("Valid: \(receipt.json["app"]?.stringValue ?? "") erased at \(erased).")
      if let cleaned = receipt.json["cleaned"]?.stringValue {
        print("No copy was left at \(cleaned).")
      } else if let rest = receipt.json["rest_by"]?.stringValue {
        print("Copies of event ids that no query reaches go by \(rest); the receipt of after says so.")
      }
      if key == nil { print("Signed by \(receipt.key); compare it with the collector's receipt_key.") }
    }
  }
}
