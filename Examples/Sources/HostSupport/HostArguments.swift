/// What an example program may be told on its command line.
public struct HostArguments: Sendable, Hashable {
  /// How many actions the simulated user does.
  public var actions = 5
  /// Which user's whims: the same seed does the same actions.
  public var seed: UInt64 = 1
  /// The version the program says it has.
  public var version: String
  /// Further words that the program itself understands, such as `--mode hardware`.
  public var options: [String: String] = [:]

  /// Why the arguments are wrong, in one line.
  public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
  }

  /// Reads `--actions N --seed S --version V` and the named further options; `telemetry ...` is for
  /// `Telemetry.handle(arguments:)` and read by nobody else.
  ///
  /// - Throws: `Problem` for an unknown word, a missing value, or a value that does not fit.
  public init(
    _ arguments: [String], version: String, options known: [String: [String]] = [:]
  ) throws(Problem) {
    self.version = version
    var words = arguments.dropFirst()[...]
    if words.first == "telemetry" { return }
    if words.contains("--help") || words.contains("-h") {
      end(with: Self.usage(arguments[0], options: known))
    }
    while let word = words.popFirst() {
      guard let value = words.popFirst() else {
        throw Problem(description: "\(word) needs a value after it")
      }
      switch word {
      case "--actions":
        guard let count = Int(value), (0...100_000).contains(count) else {
          throw Problem(description: "--actions needs a number from 0 to 100000")
        }
        actions = count
      case "--seed":
        guard let number = UInt64(value) else {
          throw Problem(description: "--seed needs a whole number")
        }
        seed = number
      case "--version":
        self.version = value
      default:
        guard word.hasPrefix("--"), let choices = known[String(word.dropFirst(2))] else {
          let all = ["--actions", "--seed", "--version"] + known.keys.sorted().map { "--\($0)" }
          throw Problem(description: "\(word) is not known; there are \(all.joined(separator: ", "))")
        }
        guard choices.contains(value) else {
          throw Problem(description: "\(word) is one of \(choices.joined(separator: ", "))")
        }
        options[String(word.dropFirst(2))] = value
      }
    }
  }

  private static func usage(_ program: String, options: [String: [String]]) -> String {
    let name = program.split(separator: "/").last.map { String($0) } ?? program
    let further = options.sorted { $0.key < $1.key }.map {
      " [--\($0.key) \($0.value.joined(separator: "|"))]"
    }
    return
      "usage: \(name) [--actions N] [--seed S] [--version V]\(further.joined())\n       \(name) telemetry [help]"
  }
}

/// Random numbers that repeat with their seed (SplitMix64).
public struct Whims: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates a user's whims.
  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// Returns `true` with this probability.
  public mutating func chance(_ probability: Double) -> Bool {
    Double(next() >> 11) * 0x1p-53 < probability
  }
}
