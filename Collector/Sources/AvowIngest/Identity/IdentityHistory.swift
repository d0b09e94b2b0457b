public import AvowWire

/// What all catalogs an app ever had say about the names its users were stored under.
public struct IdentityHistory: Sendable, Hashable {
  public var app: String
  /// Every rotation that was ever in force: what one catalog stored stays under its names when a newer one
  /// rotates differently.
  public var rotations: Set<Catalog.Identity.Rotation>
  /// The longest time anything was to be kept, in days.
  public var days: Int

  /// Creates a history.
  public init(app: String, rotations: Set<Catalog.Identity.Rotation> = [], days: Int = 0) {
    self.app = app
    self.rotations = rotations
    self.days = days
  }

  /// Adds a catalog of the app.
  public mutating func add(_ catalog: Catalog) {
    rotations.insert(catalog.identity.rotate)
    days = max(days, catalog.longestRetention)
  }
}

extension Catalog {
  /// The longest time any of its events is kept, in days.
  public var longestRetention: Int { events.compactMap { $0.retention?.days }.reduce(retention.days, max) }
}

/// Everything that stands for whoever quotes an identifier.
public struct QuotedUser: Sendable, Hashable {
  /// Under which something may be stored; the store is told to erase and to keep them out.
  public var pseudonyms: [Identifier128]
  /// What keeps a foreign identifier out in every period to come of a rotating identity.
  public var marks: [Identifier128]

  /// Creates the names of a user.
  public init(pseudonyms: [Identifier128] = [], marks: [Identifier128] = []) {
    self.pseudonyms = pseudonyms
    self.marks = marks
  }
}

extension Ingest {
  /// Every pseudonym under which an id that a user quotes may be stored: as the native client's, as a foreign
  /// client's, and in each period of every rotation since the longest retention began.
  ///
  /// Identifiers are stored as their bytes are, so the text is tried as it was given; people copy them with
  /// white space around and line breaks inside, so it is tried without these, too.
  public func names(of quoted: String, in history: IdentityHistory, at now: Timestamp) -> QuotedUser {
    let app = Array(history.app.utf8)
    var texts: [String] = []
    let collapsed = quoted.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for text in [quoted, Self.trimmed(quoted), collapsed] where !text.isEmpty && !texts.contains(text) {
      texts.append(text)
    }
    // A client may have written an event up to 30 days before its receipt. Periods as such are always among
    // them: who is erased today must stay erased when the next catalog rotates no more.
    var periods: [RotationPeriod] = [.none]
    for rotation in Catalog.Identity.Rotation.allCases where history.rotations.contains(rotation) {
      for day in (now.day - history.days - 31)...(now.day + 1) {
        let period = RotationPeriod(rotation, day: day)
        if periods.last != period { periods.append(period) }
      }
    }
    var names = QuotedUser()
    var native: Set<[UInt8]> = []
    for text in texts {
      if native.insert(Self.nativeText(text)).inserted {
        names.pseudonyms.append(
          pseudonyms.authenticate(app: app, space: .native, period: .none, Self.nativeText(text)))
      }
      for period in periods {
        names.pseudonyms.append(
          pseudonyms.authenticate(app: app, space: .foreign, period: period, text.utf8))
      }
      names.marks.append(pseudonyms.mark(of: text.utf8, app: app))
    }
    return names
  }

  /// The pseudonym of a user of the native client, for its own deletion requests.
  public func nativePseudonym(app: String, user: Identifier128) -> Identifier128 {
    pseudonyms.authenticate(
      app: Array(app.utf8), space: .native, period: .none, user.description.utf8)
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
