#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How long a program takes to end after its last statement, by what the network does.
enum Leaving {
  /// A loopback port where somebody answers, or only listens.
  static func listen(answering: Bool) -> UInt16 {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, length)
        _ = Glibc.listen(listener, 64)
        _ = getsockname(listener, $0, &length)
      }
    }
    if answering {
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { context in
          let listener = Int32(Int(bitPattern: context))
          var chunk = [UInt8](repeating: 0, count: 65_536)
          let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".utf8)
          while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return nil }
            _ = recv(client, &chunk, chunk.count, 0)
            _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
            close(client)
          }
        }, UnsafeMutableRawPointer(bitPattern: Int(listener)))
    }
    return UInt16(bigEndian: address.sin_port)
  }

  struct Delay {
    var wall: Double
    /// Of the process itself; says more than `wall` on a machine that does other things.
    var cpu: Double
  }

  /// Runs this program as one that records and ends; microseconds from its last statement to its end.
  static func delay(_ mode: String, _ variables: [String: String]) -> Delay {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
      texts.map { text in strdup(text) } + [nil]
    }
    let environment = copies(variables.map { "\($0.key)=\($0.value)" })
    let arguments = copies(["RecordBenchmark", "10", mode])
    var child: pid_t = 0
    posix_spawn(&child, "/proc/self/exe", &actions, nil, arguments, environment)
    close(ends[1])
    var status: Int32 = 0
    var usage = rusage()
    wait4(child, &status, 0, &usage)
    let end = nanoseconds(CLOCK_MONOTONIC)
    var last = (wall: 0.0, cpu: 0.0)
    _ = withUnsafeMutableBytes(of: &last) { read(ends[0], $0.baseAddress, 16) }
    close(ends[0])
    for pointer in environment + arguments { free(pointer) }
    let used =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    return Delay(wall: (end - last.wall) / 1000, cpu: used - last.cpu / 1000)
  }

  static func report() {
    let folder = "/tmp/avow-leaving-\(getpid())"
    let networks = [
      ("good", "http://127.0.0.1:\(listen(answering: true))"), ("dead", "http://127.0.0.1:9"),
      ("hanging", "http://127.0.0.1:\(listen(answering: false))"),
    ]
    var rows: [(name: String, mode: String, variables: [String: String])] = [
      ("without telemetry", "leave-without", [:]), ("telemetry off", "leave", ["DO_NOT_TRACK": "1"]),
    ]
    for (name, url) in networks {
      for mode in ["leave", "leave-service"] {
        let kind = mode == "leave" ? "command" : "service in the middle of sending"
        rows.append(
          (
            "\(kind), \(name) network", mode,
            ["AVOW_URL": url, "AVOW_STATE": folder + "/" + name + mode]
          ))
      }
    }
    let runs = 40
    var delays = rows.map { _ in [Delay]() }
    // In turns, so that whatever else the machine does falls on all of them.
    for _ in 0..<runs {
      for (index, row) in rows.enumerated() { delays[index].append(delay(row.mode, row.variables)) }
    }
    let base = median(delays[0].map(\.cpu))
    print("microseconds from the last statement to the end of the process, of \(runs) runs:")
    print("  CPU, median   more than without telemetry   wall, least   wall, median")
    for (row, delays) in zip(rows, delays) {
      let cpu = median(delays.map(\.cpu))
      let wall = delays.map(\.wall)
      print(
        "  \(row.name): \(text(cpu))   \(text(cpu - base))   \(text(wall.min() ?? 0))   \(text(median(wall)))"
      )
    }
  }
}
