public import AvowWire
import Synchronization

/// What did not fit the catalogs, counted without keeping a single value.
///
/// A maintainer learns from it that version 0.4.2 sends a field nobody declared, and never what was in it. Names
/// can be user data themselves (`{"/home/ada": 1}`), so a foreign name is kept only when it looks like an
/// identifier and holds nothing a detector knows; an app keeps at most 200 of them, the rest counts as `(other)`.
/// What comes by addresses that ask no key has 200 of its own, so that nobody without a key can use up those that
/// tell a maintainer of his clients.
public final class Quarantine: Sendable {
  /// What was refused or removed, how often, by which version of the tool, from when to when.
  public struct Line: Sendable, Hashable {
    public var app: String
    /// The event's name: ours when it is declared, else the foreign one.
    public var event: String
    /// The field removed; `nil` when the event itself was refused.
    public var field: String?
    public var reason: Reason
    public var count: Int
    /// The tool's version in the latest of them, where it said one.
    public var appVersion: String?
    public var first: Timestamp
    public var last: Timestamp
    /// Whether it came by an address that asks no key.
    public var isUnauthenticated: Bool

    /// Creates a line.
    public init(
      app: String, event: String, field: String?, reason: Reason, count: Int, appVersion: String?,
      first: Timestamp, last: Timestamp, isUnauthenticated: Bool = false
    ) {
      self.isUnauthenticated = isUnauthenticated
      self.app = app
      self.event = event
      self.field = field
      self.reason = reason
      self.count = count
      self.appVersion = appVersion
      self.first = first
      self.last = last
    }
  }

  /// Why something was refused or removed.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// No such event is declared.
    case unknownEvent = "unknown_event"
    /// The event's declaration has expired.
    case expired
    /// The event is no object, or lacks what identifies it.
    case malformed
    /// No such field is declared.
    case undeclared
    /// Not declared any more: an older client's.
    case retired
    /// Not declared yet: a newer client's.
    case newer
    /// The value is not of the declared type.
    case illTyped = "ill_typed"
    /// A number outside the declared limits.
    case outOfRange = "out_of_range"
    /// A text that is none of the declared ones.
    case notListed = "not_listed"
    /// A text that does not match the declared pattern.
    case noMatch = "no_match"
    /// A text longer, or a list with more items, than declared; the items beyond are removed.
    case tooLong = "too_long"
    case email
    case ipAddress = "ip_address"
    case macAddress = "mac_address"
    case url
    case filePath = "file_path"
    case secret
  }

  /// What became of an app's events since the counts were last loaded.
  public struct Counters: Sendable, Hashable {
    /// Events that arrived in requests an app could be found for.
    public var received = 0
    public var stored = 0
    public var duplicates = 0
    /// Events refused.
    public var refused = 0
    /// Fields removed from events that were kept.
    public var removed = 0
    /// Events and fields dropped by the catalog's `drop`.
    public var dropped = 0
    /// An SDK's own calls, such as `$identify`, that nobody mapped.
    public var control = 0
    /// Events that came by an address that asks no key.
    public var unauthenticated = 0
    /// Events whose time was replaced by the time of receipt because it was too far from it.
    public var clock = 0
    /// Events clients say they lost because their spool was full.
    public var lost = 0

    /// Creates counters that stand at zero.
    public init() {}

    /// Adds what another counted.
    public static func += (left: inout Counters, right: Counters) {
      left.received += right.received
      left.stored += right.stored
      left.duplicates += right.duplicates
      left.refused += right.refused
      left.removed += right.removed
      left.dropped += right.dropped
      left.control += right.control
      left.unauthenticated += right.unauthenticated
      left.clock += right.clock
      left.lost += right.lost
    }
  }

  /// The most foreign names an app keeps.
  public static let maxNames = 200
  /// What stands for a name that is not kept.
  public static let other = "(other)"

  private struct Key: Hashable {
    var app: String
    var event: String
    var field: String?
    var reason: Reason
    var isUnauthenticated: Bool
  }

  /// Whose names are limited together.
  private struct Door: Hashable {
    var app: String
    var isUnauthenticated: Bool
  }

  private struct State {
    var lines: [Key: Line] = [:]
    var names: [Door: Set<String>] = [:]
    var counters: [String: Counters] = [:]
  }

  private let state = Mutex(State())

  /// Creates an empty quarantine.
  public init() {}

  /// Everything counted so far, most frequent first.
  public func snapshot() -> [Line] {
    state.withLock { Array($0.lines.values) }.sorted {
      ($1.count, $0.app, $0.event, $0.field ?? "", $0.reason.rawValue)
        < ($0.count, $1.app, $1.event, $1.field ?? "", $1.reason.rawValue)
    }
  }

  /// Adds lines that an earlier process counted.
  public func load(_ lines: [Line]) {
    state.withLock { state in
      for line in lines {
        Self.merge(line, into: &state)
        Self.remember(line, in: &state)
      }
    }
  }

  /// Forgets lines, of an app or of all, that nothing was added to since a moment (`nil`: all of them); returns how
  /// many. Their names make room for others.
  @discardableResult
  public func forget(app: String? = nil, unchangedSince moment: Timestamp? = nil) -> Int {
    state.withLock { state in
      let before = state.lines.count
      state.lines = state.lines.filter { _, line in
        (app != nil && line.app != app) || moment.map { line.last >= $0 } ?? false
      }
      if state.lines.count < before {
        state.names = [:]
        for line in state.lines.values { Self.remember(line, in: &state) }
      }
      return before - state.lines.count
    }
  }

  private static func remember(_ line: Line, in state: inout State) {
    let door = Door(app: line.app, isUnauthenticated: line.isUnauthenticated)
    for name in [line.event, line.field].compactMap(\.self) where name != other {
      state.names[door, default: []].insert(name)
    }
  }

  /// The counters of each app.
  public func counters() -> [String: Counters] { state.withLock(\.counters) }

  /// Adds counters that an earlier process, or the store, counted.
  public func count(_ counters: Counters, app: String) {
    state.withLock { $0.counters[app, default: Counters()] += counters }
  }

  /// Counts what one request met.
  func note(
    _ notes: [Note], app: String, appVersion: String?, received: Timestamp, counters: Counters,
    isUnauthenticated: Bool = false
  ) {
    let door = Door(app: app, isUnauthenticated: isUnauthenticated)
    state.withLock { state in
      state.counters[app, default: Counters()] += counters
      for note in notes {
        let event = note.event.isDeclared ? note.event.text : Self.keep(note.event.text, door, &state)
        let field = note.field.map { $0.isDeclared ? $0.text : Self.keep($0.text, door, &state) }
        let line = Line(
          app: app, event: event, field: field, reason: note.reason, count: note.count,
          appVersion: appVersion, first: received, last: received, isUnauthenticated: isUnauthenticated)
        Self.merge(line, into: &state)
      }
    }
  }

  private static func merge(_ line: Line, into state: inout State) {
    let key = Key(
      app: line.app, event: line.event, field: line.field, reason: line.reason,
      isUnauthenticated: line.isUnauthenticated)
    guard var known = state.lines[key] else {
      state.lines[key] = line
      return
    }
    known.count += line.count
    if line.last >= known.last, let version = line.appVersion { known.appVersion = version }
    known.first = min(known.first, line.first)
    known.last = max(known.last, line.last)
    state.lines[key] = known
  }

  private static func keep(_ name: String, _ door: Door, _ state: inout State) -> String {
    guard state.names[door]?.contains(name) != true else { return name }
    guard state.names[door, default: []].count < maxNames, isHarmless(name) else { return other }
    state.names[door, default: []].insert(name)
    return name
  }

  /// Whether a foreign name may be kept: `[A-Za-z_$][A-Za-z0-9_.$-]{0,63}` and none of the detected classes.
  static func isHarmless(_ name: String) -> Bool {
    let utf8 = name.utf8
    guard let first = utf8.first, utf8.count <= 64,
      Detector.isLetter(first) || first == UInt8(ascii: "_") || first == UInt8(ascii: "$"),
      utf8.allSatisfy({ Detector.isAlphanumeric($0) || "_.$-".utf8.contains($0) })
    else { return false }
    return Detector.find(in: name) == nil
  }
}

/// Something of a request that did not fit, on its way into the quarantine.
struct Note: Hashable {
  struct Name: Hashable {
    var text: String
    /// Ours, and so kept without question.
    var isDeclared: Bool
  }

  var event: Name
  var field: Name?
  var reason: Quarantine.Reason
  var count = 1
}

extension Quarantine.Reason {
  init(_ kind: SensitiveClass) {
    switch kind {
    case .email: self = .email
    case .ipAddress: self = .ipAddress
    case .macAddress: self = .macAddress
    case .url: self = .url
    case .filePath: self = .filePath
    case .secret, .identity, .userContent: self = .secret
    }
  }
}
