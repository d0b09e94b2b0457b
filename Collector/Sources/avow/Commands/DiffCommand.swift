import ArgumentParser
import AvowCatalog
import AvowServer
import AvowWire
import Foundation

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Says what a new catalog collects that an old one did not, by meaning.",
    discussion: """
      An argument that is no file and has the form REV:PATH is read from git. Exit status: 0, or 2 when \
      collection widened and `version` did not rise, or 1 when a catalog cannot be read.

        avow diff HEAD:telemetry.yaml telemetry.yaml
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, markdown, json }

  @Argument(help: "The catalog before: a file or REV:PATH.") var old: String
  @Argument(help: "The catalog after: a file or REV:PATH.") var new: String
  @Option(name: .long, help: "text, markdown (an entry for a changelog) or json.") var format: Format = .text

  func run() throws {
    let diff = CatalogDiff(from: try Self.catalog(old), to: try Self.catalog(new))
    switch format {
    case .text: print(diff.text, terminator: "")
    case .markdown: print(diff.markdown, terminator: "")
    case .json: print(diff.json.text)
    }
    if diff.needsNewVersion { throw ExitCode(2) }
  }

  private static func catalog(_ argument: String) throws -> Catalog {
    if access(argument, F_OK) != 0, let colon = argument.firstIndex(of: ":") {
      let revision = String(argument[..<colon])
      let path = String(argument[argument.index(after: colon)...])
      return try CatalogSource(bytes: try git(revision, path), named: argument).catalog()
    }
    return try CatalogSource(argument).catalog()
  }

  /// Reads a file of a revision, relative to the folder the command runs in.
  private static func git(_ revision: String, _ path: String) throws -> [UInt8] {
    guard !revision.hasPrefix("-"), !path.isEmpty else {
      throw CollectorError(.usage, "\(revision):\(path) is neither a file nor REV:PATH")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let place = path.hasPrefix("/") || path.hasPrefix("./") ? path : "./" + path
    process.arguments = ["git", "show", "\(revision):\(place)"]
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw CollectorError(.usage, "git could not be started; install it, or give two files")
    }
    // One byte more than a catalog may have is enough to say that it is too large.
    var bytes: [UInt8] = []
    while bytes.count <= CatalogFile.maxBytes {
      let chunk = output.fileHandleForReading.availableData
      if chunk.isEmpty { break }
      bytes += chunk
    }
    if bytes.count > CatalogFile.maxBytes {
      process.terminate()
      process.waitUntilExit()
      return bytes
    }
    let reason = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      if process.terminationStatus == 127 {
        throw CollectorError(
          .usage, "\(revision):\(path) is no file, and without git it cannot be read from a revision")
      }
      let line = reason.split(separator: "\n").first.map(String.init) ?? "no reason given"
      throw CollectorError(.usage, "git cannot show \(revision):\(path): \(line)")
    }
    return bytes
  }
}
