import ArgumentParser
import AvowServer
import AvowWire

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows how the collector fares, its apps and what became of their events.")

  @OptionGroup var options: DataOptions

  func run() async throws {
    let isRunning = DataFolder.exists(options.folder) && DataFolder.isLocked(options.folder)
    let answer = try await options.json(AdminRequest("GET", "status"))
    for line in Self.fares(answer, isRunning: isRunning) { print(line) }
    print()
    let apps = answer["apps"]?.arrayValue ?? []
    let names = ["received", "stored", "duplicates", "refused", "removed", "dropped"]
    let rows = apps.map { app in
      [app["app"]?.stringValue ?? "", "v\(app["version"]?.integerValue ?? 0)"]
        + names.map { String(app["counts"]?[$0]?.integerValue ?? 0) }
    }
    print(table([["APP", "CATALOG"] + names.map { $0.uppercased() }] + rows))
  }

  /// How the collector fares, a line each.
  private static func fares(_ answer: JSONValue, isRunning: Bool) -> [String] {
    func integer(_ name: String) -> Int { Int(answer[name]?.integerValue ?? 0) }
    var lines: [(name: String, text: String)] = []
    if isRunning {
      let started = answer["started"]?.stringValue ?? ""
      let rates = answer["rates"]
      func rate(_ name: String) -> String { decimal(rates?[name]?.numberValue ?? 0) }
      lines = [
        ("running since", started), ("memory", bytes(integer("memory"))),
        (
          "last minute",
          "\(rate("requests")) requests/s, \(rate("received")) events/s, \(rate("stored")) stored/s, \(rates?["put_off"]?.integerValue ?? 0) requests put off"
        ),
      ]
      if let expires = answer["certificate_expires"]?.stringValue {
        lines.append(("certificate", "until \(expires)"))
      }
    } else {
      lines = [("running", "no; what is below was read from the folder")]
    }
    lines += [
      ("disk", "\(bytes(integer("disk"))) used, \(bytes(integer("disk_free"))) free"),
      ("pending deletions", "\(integer("pending_deletions"))"),
    ]
    let width = lines.map(\.name.count).max() ?? 0
    return lines.map { $0.name + String(repeating: " ", count: width - $0.name.count + 2) + $0.text }
  }

  private static func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func bytes(_ count: Int) -> String {
    for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where count >= size {
      return decimal(Double(count) / Double(size)) + " " + unit
    }
    return "\(count) bytes"
  }
}

struct QuarantineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "Shows what was refused or removed: names, reasons and counts, never values.")

  @Argument(help: "Only this app's.") var app: String?
  @Flag(name: .long, help: "Forget it, so that names have room again.") var clear = false
  @OptionGroup var options: DataOptions

  func run() async throws {
    if clear {
      let answer = try await options.json(AdminRequest("POST", "quarantine/clear", [("app", app ?? "")]))
      print("Cleared \(answer["cleared"]?.integerValue ?? 0) lines.")
      return
    }
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
    print(answer["link"]?.stringValue ?? "")
  }
}
