import ArgumentParser
import AvowServer
import AvowWire

struct TidyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tidy",
    abstract: "Does now what a running collector does at night after erasures and retention.",
    discussion: """
      Writes main.db anew, so that the last copies of removed events go, forgets texts that no event uses any more, \
      gives room back and signs the receipts anew that waited for it. Clients wait meanwhile: about a second for \
      a million events. Needs twice the room of main.db.
      """)

  @OptionGroup var options: DataOptions

  func run() async throws {
    let bar = ProgressBar()
    bar.wait("writing main.db anew")
    defer { bar.clear() }
    let answer = try await options.json(AdminRequest("POST", "tidy"))
    bar.clear()
    guard answer["clean"] == true else {
      throw CollectorError(
        .failed, "a program that reads the data folder keeps a log from being cut; close it and try again")
    }
    let bytes = answer["bytes"]?.integerValue ?? 0
    let texts = answer["texts"]?.integerValue ?? 0
    print(
      "Nothing is left of removed events." + (texts > 0 ? " \(texts) unused texts went." : "")
        + (bytes > 0 ? " \(max(1, bytes >> 10)) kB were given back." : ""))
  }
}
