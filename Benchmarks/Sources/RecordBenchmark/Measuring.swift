#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Nanoseconds of a clock.
func nanoseconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Pages this process touched for the first time.
func pageFaults() -> Int {
  var usage = rusage()
  // RUSAGE_SELF, which is an enumeration on one system and a number on another.
  getrusage(.init(0), &usage)
  return usage.ru_minflt
}

struct Row {
  var name: String
  var thread: [Double] = []
  var process: [Double] = []
}

/// Runs `body` in rounds and keeps what each cost, per event.
func measure(_ name: String, rounds: Int, count: Int, _ body: (Int) -> Void) -> Row {
  var row = Row(name: name)
  body(count / 10 + 1)
  for _ in 0..<rounds {
    let thread = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
    let process = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
    body(count)
    row.thread.append((nanoseconds(CLOCK_THREAD_CPUTIME_ID) - thread) / Double(count))
    row.process.append((nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - process) / Double(count))
  }
  return row
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func text(_ value: Double) -> String {
  let tenths = Int((value.magnitude * 10).rounded())
  return (value < 0 && tenths > 0 ? "-" : "") + "\(tenths / 10).\(tenths % 10)"
}

/// Runs `body` on threads of its own and waits for them; returns the CPU time each took.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> [Double] {
  final class Work: @unchecked Sendable {
    // Unchecked: written by its own thread, read after that was joined.
    let number: Int
    let body: @Sendable (Int) -> Void
    var took = 0.0

    init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.number = number
      self.body = body
    }
  }
  let works = (0..<count).map { Work($0, body) }
  let threads = works.map { work -> pthread_t in
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let work = Unmanaged<Work>.fromOpaque(context).takeUnretainedValue()
        let before = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        work.body(work.number)
        work.took = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before
        return nil
      }, Unmanaged.passUnretained(work).toOpaque())
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
  return works.map(\.took)
}

/// The resident memory of this process in KiB: its own, of the spool's files, of other files (programs and
/// libraries, whose pages all processes share).
struct Resident {
  private(set) var own = 0
  private(set) var spool = 0
  private(set) var files = 0

  init() {
    guard let file = fopen("/proc/self/smaps", "r") else { return }
    defer { fclose(file) }
    var isSpool = false
    var line = [CChar](repeating: 0, count: 4096)
    var resident = 0
    while fgets(&line, 4096, file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let words = text.split { $0 == " " || $0 == "\n" }
      guard words.count > 1 else { continue }
      if let first = words[0].first, first.isNumber || first.isLowercase {
        isSpool = words.last?.hasSuffix(".seg") ?? false
        continue
      }
      guard let count = Int(words[1]) else { continue }
      switch words[0] {
      case "Rss:": resident = count
      case "Anonymous:":
        own += count
        if isSpool { spool += resident - count } else { files += resident - count }
      default: break
      }
    }
  }

  func more(than other: Resident) -> String {
    "\(own - other.own) KiB of its own, \(spool - other.spool) of the spool, "
      + "\(files - other.files) of programs and libraries"
  }
}
