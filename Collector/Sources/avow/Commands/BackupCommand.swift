import ArgumentParser
import AvowServer
import AvowWire
import Foundation
import Synchronization

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copies the data folder, while the collector runs or when it does not.",
    discussion: """
      The copy is a data folder itself: every database as it was at one moment, checked, and the key that receipts \
      are signed with. To restore it, copy it to where the data shall be and start `avow serve --data` on it.

      The pepper, the secret behind all pseudonyms, is left out: whoever has the backup alone cannot find a person's \
      events by an identifier. Keep a copy of DIR/pepper elsewhere, once; without it a restored folder does not start. \
      --with-pepper puts it in, and then the backup must be kept as carefully as the data folder.

      A backup still holds users who are erased after it was made.
      """)

  @Argument(help: "The folder to make; it must not exist yet.") var destination: String
  @Flag(name: .long, help: "Put the secret behind pseudonyms into the backup.") var withPepper = false
  @OptionGroup var options: DataOptions

  func run() async throws {
    let path =
      destination.hasPrefix("/") ? destination : FileManager.default.currentDirectoryPath + "/" + destination
    let bar = ProgressBar()
    let lines = BackupLines()
    try await options.send(
      AdminRequest("POST", "backup", [("to", path), ("pepper", withPepper ? "yes" : "no")])
    ) { bytes in
      lines.take(bytes) { line in
        bar.show(
          Int(line["done"]?.integerValue ?? 0), of: Int(line["total"]?.integerValue ?? 0),
          line["file"]?.stringValue ?? "")
      }
    }
    bar.clear()
    let last = lines.last
    if let error = last?["error"]?.stringValue { throw CollectorError(.failed, error) }
    guard last?["finished"] == true else {
      throw CollectorError(.failed, "the backup broke off; the collector's log says why")
    }
    let size = Int(last?["bytes"]?.integerValue ?? 0)
    print("Backed up into \(destination) (\(max(1, size >> 10)) kB).")
    print(
      withPepper
        ? "The pepper is in it: keep it as carefully as the data folder."
        : "The pepper is not in it: restoring needs your own copy of \(options.pepperPath).")
  }
}

/// The lines of an answer that comes in pieces.
private final class BackupLines: Sendable {
  private let state = Mutex<(rest: [UInt8], last: JSONValue?)>(([], nil))

  var last: JSONValue? { state.withLock { $0.last } }

  func take(_ bytes: [UInt8], _ each: (JSONValue) -> Void) {
    let lines = state.withLock { state -> [JSONValue] in
      state.rest += bytes
      var lines: [JSONValue] = []
      while let end = state.rest.firstIndex(of: 0x0A) {
        if let line = try? JSONValue(parsing: Array(state.rest[..<end])) {
          lines.append(line)
          state.last = line
        }
        state.rest.removeSubrange(...end)
      }
      return lines
    }
    lines.forEach(each)
  }
}
