import ArgumentParser
import AvowServer
import AvowStoreSQLite

struct ReindexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex",
    abstract: "Makes the index that answers questions again, from the stored rows.",
    discussion: "Nothing is lost by it. A collector that runs keeps its index itself; stop it first.")

  @OptionGroup var options: DataOptions

  func run() async throws {
    try await options.withIndex(isMadeAnew: true) { index in
      let bar = ProgressBar()
      defer { bar.clear() }
      try await index.make { bar.show($0, of: $1, "encoded") }
      let found = try await index.verify { bar.show($0, of: $1, "compared") }
      bar.clear()
      print("\(found.days) day\(found.days == 1 ? "" : "s") encoded.")
    }
  }
}

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compares the index with the stored rows, and has SQLite check its files.",
    discussion: "Ends with 1 when something is wrong. A collector that runs must be stopped first.")

  @Flag(name: .long, help: "Only compare the index with the rows.")
  var index = false
  @OptionGroup var options: DataOptions

  func run() async throws {
    let onlyIndex = index
    let isRight = try await options.withIndex { index in
      let damage = onlyIndex ? [] : try await index.damage()
      // What reading a damaged file ends with would hide what was found before.
      for line in damage { print(line) }
      let bar = ProgressBar()
      defer { bar.clear() }
      let found = try await index.verify { bar.show($0, of: $1, "compared") }
      bar.clear()
      for fault in found.faults { print(fault) }
      let wrong = found.faults.count { $0.kind != .outdated }
      print("\(found.days) day\(found.days == 1 ? "" : "s") compared, \(wrong) wrong.")
      return damage.isEmpty && wrong == 0
    }
    if !isRight { throw ExitCode(1) }
  }
}

extension DataOptions {
  /// Opens the index of a folder that no collector holds.
  func withIndex<Value>(
    isMadeAnew: Bool = false, _ body: (EventIndex) async throws -> Value
  ) async throws -> Value {
    try DataFolder.check(folder)
    let owned = try DataFolder(opening: folder)
    defer { withExtendedLifetime(owned) {} }
    let clock = SystemClock()
    let index = try EventIndex(folder: owned.path, isMadeAnew: isMadeAnew, clock: { clock.now() })
    do {
      let value = try await body(index)
      try await index.close()
      return value
    } catch {
      try? await index.close()
      throw error
    }
  }
}
