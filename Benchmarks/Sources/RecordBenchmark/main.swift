import Avow
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// `RecordBenchmark [EVENTS-PER-ROUND]` prints the table. A second word does one thing only, for measuring from
// outside: record, literal, count, off (that many events, nothing printed), kill (and die by SIGKILL), deliver
// (what is spooled, counted), start and start-later (nanoseconds to the first event), idle (memory), wire (bytes),
// exits (which runs this program with leave), digest.

func makeTelemetry(_ lifetime: TelemetryLifetime = .service, transport: (any Transport)? = nil)
  -> Telemetry<Tool>
{
  Telemetry(
    Tool.self, version: "1.0", lifetime: lifetime,
    destination: transport == nil ? nil : Destination(url: "http://127.0.0.1:9"), transport: transport,
    notice: .none)
}

// In functions' own variables: globals of a script are checked for exclusive access at each use.
@inline(never)
func recordAll(_ telemetry: Telemetry<Tool>, _ count: Int) {
  let model = "resnet50"
  for number in 0..<count {
    telemetry.record(
      .runModel(model: model, timeTaken: number, isRemote: number & 1 == 0, clientVersion: "0.6.3"))
  }
}

@inline(never)
func recordLiterals(_ telemetry: Telemetry<Tool>, _ count: Int) {
  let model = "resnet50"
  for number in 0..<count {
    telemetry.record(
      "run_model",
      [
        "model": .text(model), "time_taken": .integer(number), "is_remote": .boolean(number & 1 == 0),
        "client_version": "0.6.3",
      ])
  }
}

@inline(never)
func countAll(_ telemetry: Telemetry<Tool>, _ count: Int) {
  for _ in 0..<count { telemetry.count(.requests) }
}

/// Keeps count of events and bytes instead of sending them.
final class CountingTransport: Transport {
  let events = Mutex(0)
  let takesCompressed: Bool
  let bytes = Mutex(0)

  init(takesCompressed: Bool) { self.takesCompressed = takesCompressed }

  func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
    bytes.withLock { $0 += request.body.count }
    let count = (try? JSONValue(parsing: request.body))?["events"]?.arrayValue?.count ?? 0
    events.withLock { $0 += count }
    return .answer(
      status: 200,
      body: NativeAnswer(accepted: count, receipt: hexadecimal(SHA256.hash(request.body))).bytes)
  }
}

func printTable(_ count: Int) {
  let rounds = 15
  let telemetry = makeTelemetry()
  let floorBuffer = FloorBuffer()
  let floorCounter = FloorCounter()
  let append = measure("Mutex append of 203 bytes (the floor)", rounds: rounds, count: count) {
    floorBuffer.append($0)
  }
  // Nowhere to send to, so the spool goes round in its four megabytes: rotation and dropping are included.
  let record = measure("record, typed, 4 properties", rounds: rounds, count: count) {
    recordAll(telemetry, $0)
  }
  let literal = measure("record, literal, 4 properties", rounds: rounds, count: count) {
    recordLiterals(telemetry, $0)
  }
  let add = measure("atomic addition (the counter's floor)", rounds: rounds, count: count * 10) {
    floorCounter.add($0)
  }
  let counted = measure("counter", rounds: rounds, count: count * 10) { countAll(telemetry, $0) }
  let timedTool = Telemetry(TimedTool.self, version: "1.0", lifetime: .service, notice: .none)
  let timed = measure("timing", rounds: rounds, count: count) { timeAll(timedTool, $0) }
  var contended = Row(name: "record, typed, 2 threads contending")
  for _ in 0..<rounds {
    let process = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
    let took = onThreads(2) { _ in recordAll(telemetry, count) }
    contended.process.append((nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - process) / Double(2 * count))
    contended.thread.append(took.reduce(0, +) / Double(2 * count))
  }
  setenv("DO_NOT_TRACK", "1", 1)
  let silent = makeTelemetry()
  unsetenv("DO_NOT_TRACK")
  let off = measure("record, switched off", rounds: rounds, count: count * 10) { recordAll(silent, $0) }

  let floor = median(append.thread)
  print("ns of CPU an event, median of \(rounds) rounds of \(count) (least)   x the floor   whole process")
  for row in [append, record, literal, contended, add, counted, timed, off] {
    print(
      "  \(row.name): \(text(median(row.thread))) (\(text(row.thread.min() ?? 0)))"
        + "   \(text(median(row.thread) / floor))   \(text(median(row.process)))")
  }
  printLatencies(telemetry)
}

/// The wall time of single calls, the clock's own included: into pages written before, then into a new spool's.
func printLatencies(_ telemetry: Telemetry<Tool>) {
  recordAll(telemetry, 100_000)
  var took: [Float] = []
  took.reserveCapacity(400_000)
  latencies(telemetry, 400_000, &took)
  print("ns of one call, two clock readings included: \(quantiles(took))")
  took.removeAll(keepingCapacity: true)
  let state = getenv("AVOW_STATE").map { String(cString: $0) } ?? ""
  defer { setenv("AVOW_STATE", state, 1) }
  for number in 0..<40 {
    // A folder of its own: the other's spool is full.
    setenv("AVOW_STATE", "\(state)/cold-\(number)", 1)
    let fresh = makeTelemetry()
    // The first event makes the file, which is counted as starting; what follows stays within the file.
    recordAll(fresh, 1)
    latencies(fresh, 4_000, &took)
  }
  print("the same where pages are cold, 40 new spools of 4000 events: \(quantiles(took))")
}

@inline(never)
func latencies(_ telemetry: Telemetry<Tool>, _ count: Int, _ took: inout [Float]) {
  let model = "resnet50"
  for number in 0..<count {
    let before = nanoseconds(CLOCK_MONOTONIC)
    telemetry.record(
      .runModel(model: model, timeTaken: number, isRemote: number & 1 == 0, clientVersion: "0.6.3"))
    took.append(Float(nanoseconds(CLOCK_MONOTONIC) - before))
  }
}

func quantiles(_ took: [Float]) -> String {
  let sorted = took.sorted()
  func part(_ share: Double) -> Int { Int(sorted[Int(Double(sorted.count - 1) * share)]) }
  return "p50 \(part(0.5)), p99 \(part(0.99)), p99.9 \(part(0.999)), p99.99 \(part(0.9999)), most \(part(1))"
}

/// Nanoseconds to the first event: of wall, of CPU, of which making `Telemetry`; and the pages touched first.
@inline(never)
func printStart() {
  let faults = pageFaults()
  let before = nanoseconds(CLOCK_MONOTONIC)
  let cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
  let telemetry = makeTelemetry(.command)
  let made = nanoseconds(CLOCK_MONOTONIC)
  recordAll(telemetry, 1)
  let end = nanoseconds(CLOCK_MONOTONIC)
  let used = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu
  print("\(Int(end - before)) \(Int(used)) \(Int(made - before)) \(pageFaults() - faults)")
}

/// The program's last statement: tells its parent when that was.
func sayNow() {
  var now = (nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
  _ = withUnsafeBytes(of: &now) { write(1, $0.baseAddress, 16) }
}

/// What nearly every program does: reads its arguments and the environment, fills a table, makes text of it.
@inline(never)
func liveALittle() {
  struct Option {
    var name: String
    var values: [String]
  }
  let options = CommandLine.arguments.map { Option(name: $0.lowercased(), values: [$0]) }
  let table = Dictionary(options.map { ($0.name, $0.values) }, uniquingKeysWith: { $0 + $1 })
  let lines = table.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.joined(separator: ", "))" }
  var output = ""
  print(lines.joined(separator: "\n"), getenv("HOME") == nil ? 0 : 1, to: &output)
  precondition(!output.isEmpty)
}

func wire() {
  let transport = CountingTransport(takesCompressed: true)
  let telemetry = makeTelemetry(.command, transport: transport)
  var state: UInt64 = 42
  for _ in 0..<500 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    telemetry.record(
      .action(Int(state >> 33) % 5, itemCount: Int(state >> 40) % 100, kind: Int(state >> 50) % 2))
    var pause = timespec(tv_sec: 0, tv_nsec: Int(state >> 45) % 4_000_000)
    nanosleep(&pause, nil)
  }
  telemetry.flush(timeout: .seconds(10))
  let bytes = transport.bytes.withLock { $0 }
  print(
    "\(bytes) bytes for 500 events in \(telemetry.status.requests) request: \(text(Double(bytes) / 500)) an event"
  )
}

let arguments = CommandLine.arguments
let count = arguments.count > 1 ? Int(arguments[1]) ?? 100_000 : 100_000
let deed = arguments.count > 2 ? arguments[2] : ""
if getenv("AVOW_STATE") == nil { setenv("AVOW_STATE", "/tmp/avow-record-benchmark-\(getpid())", 1) }
if deed != "leave" { unsetenv("DO_NOT_TRACK") }

switch deed {
case "record": recordAll(makeTelemetry(), count)
case "literal": recordLiterals(makeTelemetry(), count)
case "count": countAll(makeTelemetry(), count)
case "off":
  setenv("DO_NOT_TRACK", "1", 1)
  recordAll(makeTelemetry(), count)
case "kill":
  recordAll(makeTelemetry(), count)
  kill(getpid(), SIGKILL)
case "deliver":
  let transport = CountingTransport(takesCompressed: false)
  let telemetry = makeTelemetry(.command, transport: transport)
  telemetry.flush(timeout: .seconds(60))
  print("\(transport.events.withLock { $0 }) events delivered in \(telemetry.status.requests) requests")
case "start": printStart()
case "start-later":
  // As in a program that did something before: the Swift runtime's own first steps are not telemetry's.
  liveALittle()
  printStart()
case "idle":
  let before = Resident()
  let telemetry = makeTelemetry()
  let made = Resident()
  recordAll(telemetry, 1)
  sleep(5)
  print("more resident when made: \(made.more(than: before))")
  print("after one event and five idle seconds: \(Resident().more(than: before))")
case "wire": wire()
case "digest": print(Tool.catalog.digest)
case "exits": Leaving.report()
case "leave-without": sayNow()
case "leave", "leave-service":
  let telemetry = makeTelemetry(deed == "leave" ? .command : .service)
  recordAll(telemetry, count)
  if deed == "leave-service" {
    // Asked to send, and in the middle of it.
    _ = telemetry.flush(timeout: .milliseconds(1))
  }
  sayNow()
default: printTable(count)
}
