import AvowWire
import Crypto
import Synchronization

/// Turns identifiers into pseudonyms that nobody without the pepper can make or reverse.
///
/// A pseudonym is HMAC-SHA-256(pepper, app | name space | period | id), cut to 128 bits. Known ids come from
/// a bounded map, because users return with every event and the hash costs more than all else together.
final class Pseudonyms: Sendable {
  /// What an identifier identifies; the same text in two spaces gives unrelated pseudonyms.
  enum Space: UInt8 {
    /// A user of the native client: 128 random bits the client chose.
    case native = 1
    /// A user as some other client named him.
    case foreign = 2
    case session = 3
    /// An event, for recognising a retry.
    case event = 4
    /// A log record known by its bytes alone.
    case record = 5
  }

  private struct Key: Hashable {
    var app: Int
    var space: UInt8
    var period: Int64
    var id: [UInt8]
  }

  /// Two generations: what was not asked for while the young one filled is forgotten with the old one.
  private struct Known {
    var young: [Key: Identifier128] = [:]
    var old: [Key: Identifier128] = [:]
  }

  private let prepared: HMAC<Crypto.SHA256>
  private let known = Mutex(Known())
  private let capacity: Int

  init(pepper: [UInt8], capacity: Int = 65_536) {
    prepared = HMAC<Crypto.SHA256>(key: SymmetricKey(data: pepper))
    self.capacity = capacity
  }

  /// The pseudonym of a user in a period; the native client has no periods here, it changes by itself.
  func user(
    _ id: some Sequence<UInt8>, app: [UInt8], appIndex: Int, space: Space, period: RotationPeriod
  ) -> Identifier128 {
    let key = Key(app: appIndex, space: space.rawValue, period: period.number, id: Array(id))
    let found: Identifier128? = known.withLock { known in
      if let young = known.young[key] { return young }
      guard let old = known.old[key] else { return nil }
      known.young[key] = old
      return old
    }
    if let found { return found }
    let made = authenticate(app: app, space: space, period: period, parts: key.id)
    known.withLock { known in
      if known.young.count >= capacity / 2 {
        known.old = known.young
        known.young = [:]
      }
      known.young[key] = made
    }
    return made
  }

  /// The pseudonym of a session, bound to its user: equal session texts of two users are two sessions.
  func session(
    _ id: some Sequence<UInt8>, of user: Identifier128?, app: [UInt8], appIndex: Int, period: RotationPeriod
  ) -> Identifier128 {
    let bound = (user ?? Identifier128(high: 0, low: 0)).bytes + Array(id)
    return self.user(bound, app: app, appIndex: appIndex, space: .session, period: period)
  }

  /// The identifier of an event from the text its client gave it.
  func event(_ id: Bytes, app: [UInt8]) -> Identifier128 {
    authenticate(app: app, space: .event, period: .none, parts: id)
  }

  /// The identifier of a log record that has none, from its bytes, its resource's, and which of several equal
  /// ones it is.
  func record(_ bytes: Bytes, _ resource: Bytes, number: Int, app: [UInt8]) -> Identifier128 {
    var message: [UInt8] = []
    message.reserveCapacity(bytes.count + resource.count + 16)
    withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { message.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt64(number).bigEndian) { message.append(contentsOf: $0) }
    message.append(contentsOf: bytes)
    message.append(contentsOf: resource)
    return authenticate(app: app, space: .record, period: .none, parts: message)
  }

  private func authenticate(
    app: [UInt8], space: Space, period: RotationPeriod, parts: some Sequence<UInt8>
  ) -> Identifier128 {
    // An app's name has no zero byte, the rest of the head has a fixed length: no two inputs look alike.
    var message = app
    message.append(0)
    message.append(space.rawValue)
    message.append(period.kind)
    withUnsafeBytes(of: period.number.bigEndian) { message.append(contentsOf: $0) }
    message.append(contentsOf: parts)
    var code = prepared
    message.withUnsafeBytes { code.update(data: $0) }
    return code.finalize().withUnsafeBytes { digest in
      Identifier128(
        high: digest.loadUnaligned(as: UInt64.self).bigEndian,
        low: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian)
    }
  }
}

/// The stretch of time in which a user keeps his pseudonym.
struct RotationPeriod: Hashable {
  var kind: UInt8
  var number: Int64

  static let none = RotationPeriod(kind: 0, number: 0)

  /// The period a UTC day lies in.
  init(_ rotation: Catalog.Identity.Rotation, day: Int) {
    let date = CivilDate(dayNumber: day)
    switch rotation {
    case .never: self = .none
    case .year: self.init(kind: 1, number: Int64(date.year))
    case .month: self.init(kind: 2, number: Int64(date.year * 12 + date.month))
    // Weeks begin on Monday; day 0 of the epoch was a Thursday.
    case .week: self.init(kind: 3, number: Int64((day + 3 + 7_000_000) / 7))
    case .day: self.init(kind: 4, number: Int64(day))
    }
  }

  private init(kind: UInt8, number: Int64) {
    self.kind = kind
    self.number = number
  }
}
