/// The catalog the user of this machine was last shown, and how far a wider one is from counting as shown.
struct ShownCatalog {
  static let fileName = "shown"
  static let pendingName = "pending"
  /// Runs on so many days without a terminal count as one look.
  static let daysWithoutTerminal = 7

  /// How the program's catalog stands to the one that was shown.
  enum Standing: Equatable {
    /// Nothing was ever shown on this machine.
    case first
    /// It was shown, or collects no more than what was.
    case known(isExact: Bool)
    /// It collects more.
    case wider(Widening)
  }

  var version: Int
  var digest: String
  /// The canonical form; read only when the digest is another.
  var canonical: [UInt8]

  init(_ catalog: Catalog, digest: String) {
    version = catalog.version
    self.digest = digest
    canonical = catalog.canonicalBytes
  }

  /// Reads what `bytes` wrote; `nil` for anything else.
  init?(parsing bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: 10) else { return nil }
    let words = stateWords(Array(bytes[..<end]))
    guard words.count == 2, let version = PlainText.number(words[0][...]), words[1].utf8.count == 64 else {
      return nil
    }
    self.version = Int(version)
    digest = words[1]
    canonical = Array(bytes[(end + 1)...])
  }

  var bytes: [UInt8] { Array("\(version) \(digest)\n".utf8) + canonical }

  /// Compares the program's catalog with what was shown.
  static func standing(of catalog: Catalog, digest: String, to shown: ShownCatalog?) -> Standing {
    guard let shown else { return .first }
    if shown.digest == digest { return .known(isExact: true) }
    // An older release beside a newer one: its user was told more than it collects, and the newer one's
    // memory is to stay.
    if catalog.version < shown.version { return .known(isExact: true) }
    guard let old = try? JSONValue(parsing: shown.canonical) else { return .first }
    let widening = Widening(from: old, to: catalog)
    return widening.isEmpty ? .known(isExact: false) : .wider(widening)
  }

  /// Days on which a wider catalog ran without a terminal.
  struct Pending: Equatable {
    var digest: String
    var lastDay: Int
    var days: Int

    /// Reads `DIGEST DAY COUNT`; `nil` for anything else.
    init?(parsing bytes: [UInt8]) {
      let words = stateWords(bytes)
      guard words.count == 3, let day = PlainText.number(words[1][...]),
        let days = PlainText.number(words[2][...])
      else { return nil }
      digest = words[0]
      lastDay = Int(day)
      self.days = Int(days)
    }

    /// Adds a day to `old`; the same day twice counts once, another catalog begins anew.
    init(adding day: Int, digest: String, to old: Pending?) {
      self.digest = digest
      lastDay = day
      guard let old, old.digest == digest else {
        days = 1
        return
      }
      days = old.lastDay == day ? old.days : old.days + 1
    }

    /// Whether the days were over before `day` began.
    func isOver(_ digest: String, on day: Int) -> Bool {
      self.digest == digest && days - (lastDay == day ? 1 : 0) >= ShownCatalog.daysWithoutTerminal
    }

    var bytes: [UInt8] { Array("\(digest) \(lastDay) \(days)\n".utf8) }
  }
}
