import AvowStore
import AvowStoreSQLite
import AvowWire
import Foundation
import Logging
import Synchronization

// StoreBenchmark EVENTS FOLDER          fills the folder and asks
// StoreBenchmark ask FOLDER [cold]      asks a filled folder; cold: the kernel forgets files before each question
// StoreBenchmark time FOLDER RUNS NAME  asks those questions whose names begin so, often: for a profile
// StoreBenchmark csv EVENTS FILE        writes the same events for other databases: see peers.py
// StoreBenchmark reindex FOLDER         makes the index again
// StoreBenchmark paced FOLDER RATE SECONDS [late]   appends so many events a second
// StoreBenchmark pages FOLDER           makes the dashboard's pages
// StoreBenchmark forget FOLDER COUNT    erases so many users, one by one
// StoreBenchmark purge FOLDER           removes the first month while events come in

/// The simulated moment.
final class Hand: Sendable {
  private let milliseconds: Atomic<Int64>
  init(_ milliseconds: Int64) { self.milliseconds = Atomic(milliseconds) }
  var now: Timestamp {
    get { Timestamp(milliseconds: milliseconds.load(ordering: .relaxed)) }
    set { milliseconds.store(newValue.milliseconds, ordering: .relaxed) }
  }
}

func open(_ folder: String, _ hand: Hand) async throws -> SQLiteEventStore {
  let quiet = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
  let store = try await SQLiteEventStore(folder: folder, clock: { hand.now }, logger: quiet)
  try await store.install(Traffic.catalog)
  return store
}

/// What tasks that append together share.
final class Appending: Sendable {
  let next = Atomic(0)
  let latencies = Mutex<[Double]>([])

  func run(_ batches: [EventBatch], to store: SQLiteEventStore) async throws {
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      if index >= batches.count { return }
      let begin = Cost.wall
      _ = try await store.append(batches[index])
      let took = Cost.wall - begin
      latencies.withLock { $0.append(took) }
    }
  }
}

/// Appends batches with so many waiting for their answer at a time.
nonisolated func append(
  _ batches: [EventBatch], to store: SQLiteEventStore, inFlight: Int
) async throws -> [Double] {
  let appending = Appending()
  try await withThrowingTaskGroup(of: Void.self) { group in
    for _ in 0..<inFlight { group.addTask { try await appending.run(batches, to: store) } }
    try await group.waitForAll()
  }
  return appending.latencies.withLock { $0 }
}

func fill(_ total: Int, _ folder: String) async throws {
  try? FileManager.default.removeItem(atPath: folder)
  var traffic = Traffic(total: total)
  let hand = Hand(traffic.now)
  let store = try await open(folder, hand)
  var spent = Cost(wall: 0, cpu: 0)
  var latencies: [Double] = []
  var done = 0
  while done < total {
    // Made beforehand, so that only the store is measured.
    let batches = (0..<min(2000, (total - done) / 99 + 1)).map { _ in traffic.next() }
    hand.now = Timestamp(milliseconds: traffic.now)
    let (cost, took) = try await Cost.of { try await append(batches, to: store, inFlight: 256) }
    spent += cost
    latencies += took
    done += batches.count * 99
    if done * 10 / total > (done - batches.count * 99) * 10 / total {
      FileHandle.standardError.write(Data("\(done) events\n".utf8))
    }
  }
  let (last, _) = try await Cost.of { try await store.settleIndex() }
  let named = threads()
  latencies.sort()
  print("# \(total) events\n")
  print("| | |\n|---|---|")
  print("| rows a second, index kept | \(number(Double(done) / spent.wall / 1000, 0)) k |")
  print(
    "| the same, with the wait for the last days' encoding | \(number(Double(done) / (spent.wall + last.wall) / 1000, 0)) k |"
  )
  print(
    "| CPU an event, everything in the process, last days encoded | \(number((spent.cpu + last.cpu) / Double(done) * 1e6, 2)) us |"
  )
  print(
    "| of it the writer, the index | \(["avow.writer", "avow.index"].map { number(named[$0, default: 0] / Double(done) * 1e6, 2) }.joined(separator: ", ")) us |"
  )
  print(
    "| acknowledged, 256 batches in flight, p50 / p99 | \(number(latencies[latencies.count / 2] * 1000)) / \(number(latencies[latencies.count * 99 / 100] * 1000)) ms |"
  )
  print("| days left to encode at the end | \(number(last.wall, 2)) s |")
  let (again, _) = try await Cost.of { try await store.reindex() }
  print(
    "| index made again | \(number(again.wall)) s, \(number(again.cpu / Double(done) * 1e6, 2)) us of CPU an event |"
  )
  print("| memory | \(memory()) |")
  try await store.close()
  let (rows, index, users) = (
    bytes(in: folder, "main"), bytes(in: folder, "index"), bytes(in: folder, "identity")
  )
  print(
    "| bytes an event: rows, index, users | \(number(Double(rows) / Double(done))), \(number(Double(index) / Double(done))), \(number(Double(users) / Double(done))) |\n"
  )
}

/// One number that another database can count as well.
func check(_ answer: Answer) -> Double {
  if !answer.distributions.isEmpty { return answer.distributions.reduce(0) { $0 + Double($1.count) } }
  return answer.series.reduce(0) { sum, series in
    if answer.question.period != .total { return sum + series.values.reduce(0, +) }
    return series.isOther ? sum : sum + series.total
  }
}

func ask(_ folder: String, isCold: Bool) async throws {
  let hand = Hand(Timestamp(day: Traffic.firstDay + Traffic.days).milliseconds + 7_200_000)
  let store = try await open(folder, hand)
  try await store.settleIndex()
  print(
    "| question, \(isCold ? "cold" : "warm"), ms | no filter | 1 filter | 2 filters | target | reports | check |"
  )
  print("|---|---|---|---|---|---|---|")
  for (name, target, question) in Questions.all {
    var cells: [String] = []
    var reports: [String] = []
    var checks: [String] = []
    for filters in 0...2 {
      let question = Questions.filtered(question, filters)
      var best = Cost(wall: .infinity, cpu: .infinity)
      var first = 0.0
      for run in 0..<(isCold ? 1 : 5) {
        if isCold, !dropCaches() { throw StoreError.failed("dropping caches needs root") }
        let (cost, answer) = try await Cost.of { try await store.answer(question) }
        if run == 0 {
          first = cost.wall
          reports.append(String(answer.reports))
          checks.append(number(check(answer), 0))
        }
        if cost.wall < best.wall { best = cost }
      }
      cells.append(
        "\(number(best.wall * 1000))\(first > best.wall * 1.3 ? " (\(number(first * 1000)))" : "")")
    }
    print(
      "| \(name) | \(cells.joined(separator: " | ")) | \(target.map { number($0, 0) } ?? "") | \(reports.joined(separator: ", ")) | \(checks.joined(separator: ", ")) |"
    )
  }
  print("\nmemory: \(memory())")
  try await store.close()
}

/// The best and the middle of many runs, wall and CPU.
func time(_ folder: String, _ runs: Int, _ prefix: String) async throws {
  let hand = Hand(Timestamp(day: Traffic.firstDay + Traffic.days).milliseconds + 7_200_000)
  let store = try await open(folder, hand)
  try await store.settleIndex()
  for (name, _, question) in Questions.all where name.hasPrefix(prefix) {
    var cells: [String] = []
    for filters in 0...2 {
      var costs: [Cost] = []
      for _ in 0..<max(1, runs) {
        costs.append(try await Cost.of { try await store.answer(Questions.filtered(question, filters)) }.cost)
      }
      let (wall, cpu) = (costs.map(\.wall).sorted(), costs.map(\.cpu).sorted())
      cells.append(
        "\(number(wall[0] * 1000)) \(number(wall[runs / 2] * 1000)) (\(number(cpu[0] * 1000)) \(number(cpu[runs / 2] * 1000)))"
      )
    }
    print("\(name): \(cells.joined(separator: ", "))")
  }
  print(memory())
  try await store.close()
}

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("ask"?, 2...): try await ask(arguments[2], isCold: arguments.last == "cold")
case ("time"?, 4): try await time(arguments[2], Int(arguments[3]) ?? 5, arguments[4])
case ("csv"?, 3): try writeCSV(Int(arguments[2]) ?? 0, arguments[3])
case ("reindex"?, 2):
  let store = try await open(arguments[2], Hand(Timestamp(day: Traffic.firstDay + Traffic.days).milliseconds))
  let (cost, _) = try await Cost.of { try await store.reindex() }
  print("index made again: \(number(cost.wall)) s, \(number(cost.cpu)) s of CPU; \(memory())")
  try await store.close()
case ("paced"?, 4...):
  try await pace(
    arguments[2], rate: Int(arguments[3]) ?? 100_000, seconds: Int(arguments[4]) ?? 10,
    isLate: arguments.last == "late")
case ("pages"?, 2): try await pages(arguments[2])
case ("purge"?, 2): try await purge(arguments[2])
case ("forget"?, 3): try await forget(arguments[2], Int(arguments[3]) ?? 20)
case (let total?, 2):
  guard let total = Int(total) else { fallthrough }
  try await fill(total, arguments[2])
  try await ask(arguments[2], isCold: false)
default:
  FileHandle.standardError.write(
    Data(
      "usage: StoreBenchmark EVENTS FOLDER | ask FOLDER [cold] | time FOLDER RUNS NAME | csv EVENTS FILE | reindex FOLDER | pages FOLDER | forget FOLDER COUNT | purge FOLDER\n"
        .utf8))
  exit(2)
}
