import Glibc

/// Drives a running collector and prints what it did. `Scripts/bench-ingest` starts both.
///
///     IngestBenchmark catalog                               prints the catalog to run the collector with
///     IngestBenchmark PORT PID KEY FOLDER [SECONDS]         measures
@main
enum IngestBenchmark {
  static func main() {
    let words = CommandLine.arguments.dropFirst().map { $0 }
    if words.first == "catalog" { return print(Load.catalog, terminator: "") }
    guard words.count >= 4, let port = UInt16(words[0]), let pid = Int32(words[1]) else {
      print("usage: IngestBenchmark PORT PID KEY FOLDER [SECONDS]")
      exit(64)
    }
    let seconds = words.count > 4 ? Double(words[4]) ?? 10 : 10
    let server = Server(pid: pid)
    // Another run against the same folder must not send the same events.
    var number = Clock.milliseconds() % 1_000_000 * 100_000

    func measure(_ label: String, _ generator: Generator, rate: Double?, seconds: Double) -> Generator.Result
    {
      let before = server.cpu
      let result = generator.run(seconds: seconds, rate: rate, from: &number)
      let events = Double(result.answered * generator.load.eventsPerBody)
      let cpu = (server.cpu - before) / max(1, events) * 1e6
      let p50 = Double(Clock.quantile(0.5, of: result.latencies)) / 1e6
      let p99 = Double(Clock.quantile(0.99, of: result.latencies)) / 1e6
      print(
        "\(label): \(Int(Double(result.answered) / result.seconds)) requests/s, "
          + "\(Int(events / result.seconds)) events/s, \(decimal(cpu)) us server CPU an event, "
          + "p50 \(decimal(p50)) ms, p99 \(decimal(p99)) ms, failed \(result.failed)")
      return result
    }

    let large = Generator(port: port, connections: 64, load: Load(key: words[2], eventsPerBody: 100))
    let small = Generator(port: port, connections: 256, load: Load(key: words[2], eventsPerBody: 1))
    _ = measure("warm-up", large, rate: nil, seconds: 2)
    let top = measure("100 events a body, 64 connections", large, rate: nil, seconds: seconds)
    _ = measure("1 event a body, 256 connections", small, rate: nil, seconds: seconds)
    let rate = Double(top.answered) / top.seconds / 2
    var answers: [Int64] = []
    var disk: [Int64] = []
    for round in 1...5 {
      let result = measure(
        "half the top rate, round \(round)", large, rate: rate, seconds: max(2, seconds / 2))
      answers.append(Clock.quantile(0.99, of: result.latencies))
      // The disk by itself, between the rounds: what it takes now, whatever else this machine is doing.
      let syncs = Disk.syncs(in: words[3], seconds: max(1, seconds / 4))
      disk.append(Clock.quantile(0.99, of: syncs))
      print(
        "  fdatasync of the disk alone: p50 \(milliseconds(Clock.quantile(0.5, of: syncs))), p99 \(milliseconds(disk[round - 1]))"
      )
    }
    answers.sort()
    disk.sort()
    let isWithin = answers[2] <= disk[2] + 30_000_000
    print(
      "medians of 5: p99 of the answer at half the top rate \(milliseconds(answers[2])), p99 of fdatasync \(milliseconds(disk[2])); the target is the second and 30 ms: \(isWithin ? "held" : "missed")"
    )
    print("peak memory of the server: \(server.peakMemory) MiB")
  }

  private static func milliseconds(_ nanoseconds: Int64) -> String {
    decimal(Double(nanoseconds) / 1e6) + " ms"
  }

  private static func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
