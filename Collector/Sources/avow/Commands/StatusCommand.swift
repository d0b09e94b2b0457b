import ArgumentParser
import AvowServer
import AvowWire

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows the apps, their catalogs and what became of their events.")

  @OptionGroup var options: DataOptions

  func run() async throws {
    let answer = try await options.json(AdminRequest("GET", "status"))
    let apps = answer["apps"]?.arrayValue ?? []
    let names = ["received", "stored", "duplicates", "refused", "removed", "dropped"]
    let rows = apps.map { app in
      [app["app"]?.stringValue ?? "", "v\(app["version"]?.integerValue ?? 0)"]
        + names.map { String(app["counts"]?[$0]?.integerValue ?? 0) }
    }
    print(table([["APP", "CATALOG"] + names.map { $0.uppercased() }] + rows))
  }
}

struct QuarantineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "Shows what was refused or removed: names, reasons and counts, never values.")

  @Argument(help: "Only this app's.") var app: String?
  @OptionGroup var options: DataOptions

  func run() async throws {
    let answer = try await options.json(AdminRequest("GET", "quarantine", [("app", app ?? "")]))
    let lines = answer["quarantine"]?.arrayValue ?? []
    guard !lines.isEmpty else {
      print("Nothing was refused or removed.")
      return
    }
    let names = ["app", "event", "field", "reason", "count", "app_version", "first", "last"]
    let rows = lines.map { line in
      names.map { line[$0]?.stringValue ?? line[$0]?.integerValue.map { String($0) } ?? "-" }
    }
    print(table([names.map { $0.uppercased() }] + rows))
  }
}

struct SignInCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign-in", abstract: "Prints a link that signs one browser in, once, within ten minutes.")

  @OptionGroup var options: DataOptions

  func run() async throws {
    guard DataFolder.isLocked(options.folder) else {
      throw CollectorError(.notFound, "no collector runs on \(options.folder); start one with `avow serve`")
    }
    let answer = try await options.json(AdminRequest("POST", "sign-in"))
    print("/sign-in?code=\(answer["code"]?.stringValue ?? "")")
  }
}
