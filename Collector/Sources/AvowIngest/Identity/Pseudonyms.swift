@_spi(AvowCollector) import AvowWire
import Crypto
import Synchronization

/// Turns identifiers into pseudonyms that nobody without the pepper can make or reverse.
///
/// A pseudonym is HMAC-SHA-256(pepper, app | name space | period | id), cut to 128 bits. Known ones come from a
/// bounded map, because users return with every event and the hash costs more than all else together. What
/// identifies an event and nobody gets a cheaper keyed hash.
final class Pseudonyms: Sendable {
  /// What an identifier identifies; the same text in two spaces gives unrelated pseudonyms.
  enum Space: UInt8 {
    /// A user of the native client: 128 random bits the client chose.
    case native = 1
    /// A user as some other client named him.
    case foreign = 2
    case session = 3
  }

  private let prepared: HMAC<Crypto.SHA256>
  private let known: Mutex<PseudonymMap>
  private let fingerprints: SipHash128
  private let events: SipHash128
  private let records: SipHash128
  private let erased: ErasedMarks

  init(pepper: [UInt8], erased: ErasedMarks = ErasedMarks(), capacity: Int = 1 << 18) {
    self.erased = erased
    let key = SymmetricKey(data: pepper)
    func derived(_ name: String) -> SipHash128 {
      SipHash128(key: HMAC<Crypto.SHA256>.authenticationCode(for: Array(name.utf8), using: key))
    }
    prepared = HMAC<Crypto.SHA256>(key: key)
    known = Mutex(PseudonymMap(capacity: capacity))
    fingerprints = derived("avow fingerprints")
    events = derived("avow events")
    records = derived("avow records")
  }

  /// The pseudonym of a user in a period; the native client has no periods here, it changes by itself.
  func user(
    _ id: some Sequence<UInt8>, app: [UInt8], appIndex: Int, space: Space, period: RotationPeriod
  ) -> Identifier128 {
    // Of an identifier that lies in a request's body no copy is made.
    let head = (
      UInt64(appIndex) << 16 | UInt64(space.rawValue) << 8 | UInt64(period.kind),
      UInt64(bitPattern: period.number)
    )
    let fingerprint =
      id.withContiguousStorageIfAvailable { fingerprints.hash(head: head, UnsafeRawBufferPointer($0)) }
      ?? Array(id).withUnsafeBytes { fingerprints.hash(head: head, $0) }
    if let found = known.withLock({ $0.find(fingerprint) }) { return found }
    let made =
      (space == .foreign && period != .none ? erasedMark(of: id, app: app) : nil)
      ?? authenticate(app: app, space: space, period: period, id)
    known.withLock { $0.insert(fingerprint, made) }
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
    withUnsafeTemporaryAllocation(byteCount: app.count + 1 + id.count, alignment: 1) { message in
      // An app's name has no zero byte: no two inputs look alike.
      message.copyBytes(from: app)
      message[app.count] = 0
      UnsafeMutableRawBufferPointer(rebasing: message[(app.count + 1)...]).copyBytes(from: id)
      return events.hash(UnsafeRawBufferPointer(message))
    }
  }

  /// The identifier of a log record that has none, from its bytes, its resource's, and which of several equal
  /// ones it is.
  func record(_ bytes: Bytes, _ resource: Bytes, number: Int, app: [UInt8]) -> Identifier128 {
    var message = app
    message.reserveCapacity(app.count + bytes.count + resource.count + 17)
    message.append(0)
    withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { message.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt64(number).bigEndian) { message.append(contentsOf: $0) }
    message.append(contentsOf: bytes)
    message.append(contentsOf: resource)
    return message.withUnsafeBytes { records.hash($0) }
  }

  /// What stands for a foreign identifier in all periods at once, once its user is erased.
  func mark(of id: some Sequence<UInt8>, app: [UInt8]) -> Identifier128 {
    authenticate(app: app, space: .foreign, period: .all, id)
  }

  /// The mark of an identifier whose user was erased. It takes the pseudonym's place, so that the store, which
  /// was told to keep the mark out, drops the event in every period.
  private func erasedMark(of id: some Sequence<UInt8>, app: [UInt8]) -> Identifier128? {
    guard !erased.isEmpty else { return nil }
    let mark = mark(of: id, app: app)
    return erased.contains(mark) ? mark : nil
  }

  func authenticate(
    app: [UInt8], space: Space, period: RotationPeriod, _ id: some Sequence<UInt8>
  ) -> Identifier128 {
    // An app's name has no zero byte, the rest of the head has a fixed length: no two inputs look alike.
    var message = app
    message.append(0)
    message.append(space.rawValue)
    message.append(period.kind)
    withUnsafeBytes(of: period.number.bigEndian) { message.append(contentsOf: $0) }
    message.append(contentsOf: id)
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
  /// No period: what stands for a user in all of them.
  static let all = RotationPeriod(kind: 255, number: 0)

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
