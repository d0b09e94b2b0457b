import AvowWire

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension DemoSimulation {
  /// The example programs, one for each tool.
  struct Host: Sendable {
    var app: String
    var program: String
    var releases: [Release]
    /// How many users run it in the end.
    var users: Int
  }

  static let hosts = [
    Host(
      app: "blindai", program: "inference-server",
      releases: [Release(day: -1, version: "0.6.3"), Release(day: 35, version: "0.7.0")], users: 6),
    Host(
      app: "jina", program: "flow",
      releases: [Release(day: -1, version: "3.34.0"), Release(day: 28, version: "3.35.0")], users: 7),
    Host(
      app: "speedster", program: "optimizer",
      releases: [Release(day: -1, version: "0.4.0"), Release(day: 40, version: "0.5.0")], users: 6),
    Host(
      app: "evidently", program: "monitoring-service",
      releases: [Release(day: -1, version: "0.4.11"), Release(day: 20, version: "0.4.30")], users: 8),
  ]

  /// One run of an example program by one simulated user.
  struct HostVisit: Sendable {
    var app: String
    var process: HostProcess
  }

  /// Returns the runs of a day: none to three of each program, few at weekends.
  func hostVisits(day: Int) -> [HostVisit] {
    guard let examples else { return [] }
    return Self.hosts.enumerated().flatMap { place, host -> [HostVisit] in
      var random = SeededGenerator(seed: seed, 100 + place, day)
      let weekday = ((clients.firstDay + day) % 7 + 7 + 3) % 7
      // Users come one by one, evenly over the days.
      let known = 1 + day * host.users / clients.days
      let share = weekday >= 5 ? 0.25 : 0.7
      return (0..<2).compactMap { _ in
        let user = random.integer(0...known - 1)
        guard random.chance(share) else { return nil }
        let patience = user % 3 * 7
        let release =
          host.releases.last { $0.day + patience <= day } ?? host.releases[0]
        return HostVisit(
          app: host.app,
          process: HostProcess(
            program: "\(examples)/\(host.program)",
            arguments: [
              "--actions", "\(random.integer(3...9))", "--seed", "\(random.integer(1...1_000_000))",
              "--version", release.version,
            ],
            environment: environment(of: host.app, user: user)))
      }
    }
  }

  /// The environment of a user's programs: nothing of ours, so that neither a CI machine's variables nor
  /// somebody's own wish not to be tracked change the demo.
  func environment(of app: String, user: Int) -> [String: String] {
    let home = "\(workspace)/\(app)-\(user)"
    return [
      "PATH": "/usr/bin:/bin", "HOME": home, "AVOW_STATE": "\(home)/state",
      "AVOW_URL": "http://127.0.0.1:\(target.port)", "AVOW_KEY": target.keys[app] ?? "",
    ]
  }

  /// Runs the programs, four at a time, and notes what each says it recorded.
  func run(_ visits: [HostVisit], _ ledger: inout DemoLedger) {
    mkdir(workspace, 0o700)
    var left = visits[...]
    while !left.isEmpty {
      // Two runs of one user never overlap: they are two visits of one day, not two people.
      var batch: [HostVisit] = []
      var rest: [HostVisit] = []
      for visit in left {
        let home = visit.process.environment["HOME"]
        if batch.count < 4, !batch.contains(where: { $0.process.environment["HOME"] == home }) {
          batch.append(visit)
        } else {
          rest.append(visit)
        }
      }
      left = rest[...]
      let running = batch.map { visit in
        if let home = visit.process.environment["HOME"] { mkdir(home, 0o700) }
        return (visit.app, try? visit.process.start())
      }
      for (app, process) in running {
        guard let outcome = process?.wait(), outcome.status == 0,
          let recorded = Self.recorded(in: outcome.output)
        else {
          ledger.noteFailure(app: app)
          continue
        }
        ledger.note(app: app, recorded: recorded)
      }
    }
  }

  /// Reads the line a host prints at its end: `{"app":"jina","recorded":{"flow_start":1}}`.
  static func recorded(in output: [UInt8]) -> [String: Int]? {
    let lines = output.split(separator: UInt8(ascii: "\n"))
    guard let line = lines.last, let document = try? JSONValue(parsing: line),
      let members = document["recorded"]?.objectValue
    else { return nil }
    return members.compactMapValues { $0.integerValue.map { Int($0) } }
  }
}
