#if canImport(Glibc)
  public import Glibc
#else
  public import Darwin
#endif

/// A program run to its end, with an environment of its own and its output caught.
public struct HostProcess: Sendable {
  /// How a program ended.
  public struct Outcome: Sendable, Hashable {
    /// The exit status; 128 and the signal's number if a signal ended it.
    public var status: Int32
    public var output: [UInt8]
    /// What it wrote to stderr, unless that was discarded.
    public var errors: [UInt8]
  }

  /// The path of the program.
  public var program: String
  public var arguments: [String]
  /// The whole environment; nothing is inherited.
  public var environment: [String: String]
  /// A file that stderr is added to; `nil` catches it.
  public var errorsFile: String?

  /// Creates a description; nothing runs yet.
  public init(
    program: String, arguments: [String] = [], environment: [String: String] = [:],
    errorsFile: String? = nil
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.errorsFile = errorsFile
  }

  /// Runs the program and returns once it has closed its output and ended; kills it after `timeout`.
  public func run(timeout: Duration = .seconds(30)) throws(LoopbackError) -> Outcome {
    let running = try start()
    return running.wait(timeout: timeout)
  }

  /// A program that runs.
  public struct Running: Sendable {
    /// The process's number.
    public let id: pid_t
    let output: Int32
    let errors: Int32

    /// Returns the next line of the program's output, `nil` once it has ended or `timeout` has passed.
    ///
    /// For a program that says that it is ready and goes on.
    public func nextLine(timeout: Duration = .seconds(30)) -> String? {
      let deadline = ContinuousClock.now + timeout
      var line: [UInt8] = []
      var byte: UInt8 = 0
      while true {
        let left = deadline - .now
        guard left > .zero else { return nil }
        var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(min(left.components.seconds + 1, 60) * 1000)) > 0 else { continue }
        let count = read(output, &byte, 1)
        if count < 0, errno == EINTR { continue }
        guard count == 1 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
        if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
        line.append(byte)
      }
    }

    /// Sends the program a signal.
    public func signal(_ number: Int32) { kill(id, number) }

    /// Returns once the program has closed its output and ended; kills it after `timeout`.
    public func wait(timeout: Duration = .seconds(30)) -> Outcome {
      let deadline = ContinuousClock.now + timeout
      var texts: [[UInt8]] = [[], []]
      var open = [output, errors]
      var buffer = [UInt8](repeating: 0, count: 8192)
      while open.contains(where: { $0 >= 0 }) {
        let left = deadline - .now
        guard left > .zero else {
          kill(id, SIGKILL)
          break
        }
        var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let milliseconds =
          left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        guard poll(&polled, nfds_t(polled.count), Int32(min(milliseconds + 1, 60_000))) > 0 else { continue }
        for index in open.indices where polled[index].revents != 0 {
          let count = read(open[index], &buffer, buffer.count)
          if count > 0 {
            texts[index] += buffer.prefix(count)
          } else if count == 0 || errno != EINTR {
            close(open[index])
            open[index] = -1
          }
        }
      }
      for descriptor in open where descriptor >= 0 { close(descriptor) }
      var state: Int32 = 0
      while waitpid(id, &state, 0) < 0, errno == EINTR {}
      // WIFEXITED and WEXITSTATUS are macros, which Swift does not see.
      let status = state & 0x7F == 0 ? state >> 8 & 0xFF : 128 + state & 0x7F
      return Outcome(status: status, output: texts[0], errors: texts[1])
    }
  }

  /// Starts the program.
  public func start() throws(LoopbackError) -> Running {
    let output = try Self.makePipe()
    let errors = try Self.makePipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.write, 1)
    if let errorsFile {
      posix_spawn_file_actions_addopen(&actions, 2, errorsFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    } else {
      posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
    }
    var words = ([program] + arguments).map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
    var variables =
      environment.sorted { $0.key < $1.key }.map {
        strdup("\($0.key)=\($0.value)") as UnsafeMutablePointer<CChar>?
      }
      + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var id: pid_t = 0
    let failure = posix_spawn(&id, program, &actions, nil, &words, &variables)
    close(output.write)
    close(errors.write)
    guard failure == 0 else {
      close(output.read)
      close(errors.read)
      throw LoopbackError("\(program) did not start: \(String(cString: strerror(failure)))")
    }
    return Running(id: id, output: output.read, errors: errors.read)
  }

  private static func makePipe() throws(LoopbackError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw LoopbackError("no pipe: \(String(cString: strerror(errno)))")
    }
    // Another program that kept our end open would keep us from seeing this one's end.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
