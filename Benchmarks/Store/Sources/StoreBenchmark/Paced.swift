import AvowStore
import AvowStoreSQLite
import AvowWire
import Foundation

/// Appends at a given rate. Batches that are due are sent whether or not others were answered.
///
/// - Parameter isLate: Whether simulated time goes as slowly as real time, after a million events of the last
///   hour: then what comes up to an hour late lands all over those rows, which is the worst there is for their
///   tables. Otherwise ten million events are a year, as when the store is filled.
func pace(_ folder: String, rate: Int, seconds: Int, isLate: Bool) async throws {
  try? FileManager.default.removeItem(atPath: folder)
  var traffic = Traffic(total: 10_000_000)
  let hand = Hand(traffic.now)
  let store = try await open(folder, hand)
  if isLate {
    let hour = 1_000_000
    var before = Traffic(total: hour * 24 * Traffic.days)
    while before.now < traffic.now + 3_600_000 {
      let batches = (0..<2000).map { _ in before.next() }
      hand.now = Timestamp(milliseconds: before.now)
      _ = try await append(batches, to: store, inFlight: 256)
    }
    traffic = Traffic(total: rate * Traffic.days * 86_400, from: before.now)
  }
  let batches = (0..<rate * seconds / 99).map { _ in traffic.next() }
  hand.now = Timestamp(milliseconds: traffic.now)
  let interval = 99.0 / Double(rate)
  let (begin, cpu) = (Cost.wall, Cost.cpu)
  let answers = try await withThrowingTaskGroup(of: (Int, Double?).self) { group in
    for (index, batch) in batches.enumerated() {
      let due = begin + Double(index) * interval
      let wait = due - Cost.wall
      if wait > 0 { try await Task.sleep(for: .seconds(wait)) }
      group.addTask {
        do { _ = try await store.append(batch) } catch  where (error as? StoreError)?.code == .overloaded {
          return (index, nil)
        }
        return (index, Cost.wall - due)
      }
    }
    return try await group.reduce(into: [Double?](repeating: nil, count: batches.count)) { $0[$1.0] = $1.1 }
  }
  let (wall, spent) = (Cost.wall - begin, Cost.cpu - cpu)
  let latencies = answers.compactMap(\.self).sorted()
  let events = latencies.count * 99
  func milliseconds(_ part: Int) -> String {
    number(latencies[min(latencies.count * part / 100, latencies.count - 1)] * 1000)
  }
  print(
    "| \(rate) events/s\(isLate ? ", up to an hour late in real time" : "") | stored \(number(Double(events) / wall / 1000, 1)) k/s, put off \((answers.count - latencies.count) * 99), \(number(spent / Double(events) * 1e6, 2)) us of CPU an event; acknowledged p50 / p99 / last \(milliseconds(50)) / \(milliseconds(99)) / \(milliseconds(100)) ms |"
  )
  let second = Int(1 / interval)
  let worst = stride(from: 0, to: answers.count, by: second).map { first in
    answers[first..<min(first + second, answers.count)].compactMap(\.self).max() ?? 0
  }
  FileHandle.standardError.write(
    Data(
      "the slowest answer of each second, ms: \(worst.map { number($0 * 1000, 0) }.joined(separator: " "))\n"
        .utf8))
  try await store.close()
}
