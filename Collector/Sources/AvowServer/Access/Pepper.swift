import AvowWire

/// The secret that pseudonyms are made with; whoever has it and an identifier can find its events.
enum Pepper {
  /// Reads the secret of a folder, making it at first.
  ///
  /// The control database keeps a hash of it, so that a restored folder says which secret it lacks.
  ///
  /// - Parameter isReplaced: Whether another secret than before is fine: known users become strangers.
  /// - Throws: `CollectorError` when it is missing, another one, or cannot be used.
  static func load(
    _ path: String, _ database: ControlDatabase, isReplaced: Bool
  ) throws(CollectorError) -> [UInt8] {
    let known = try database.note(note)
    let pepper: [UInt8]
    if let found = try read(path) {
      pepper = found
    } else {
      pepper = try make(path, isFirst: known == nil || isReplaced)
    }
    let hash = hexadecimal(SHA256.hash(Array("pepper".utf8) + pepper))
    if let known, known != hash, !isReplaced {
      throw CollectorError(
        .dataFolder,
        "\(path) is not the pepper that this folder's pseudonyms were made with: put the right file there, or name it with --pepper-file or AVOW_PEPPER_FILE; \(lost)"
      )
    }
    return pepper
  }

  /// Keeps the hash of the secret in force, once the store has taken it: it takes no other where somebody was erased.
  static func remember(
    _ pepper: [UInt8], _ database: ControlDatabase, at time: Timestamp
  ) throws(CollectorError) {
    let known = try database.note(note)
    let hash = hexadecimal(SHA256.hash(Array("pepper".utf8) + pepper))
    guard known != hash else { return }
    // From then on receipts say what they cannot reach.
    if known != nil { try database.notePepperReplaced(at: time) }
    try database.setNote(note, hash)
  }

  /// Whether a secret is the folder's own; `nil` when the folder does not know its secret yet.
  static func isRight(_ pepper: [UInt8], _ database: ControlDatabase) throws(CollectorError) -> Bool? {
    try database.note(note).map { $0 == hexadecimal(SHA256.hash(Array("pepper".utf8) + pepper)) }
  }

  static let note = "pepper"
  private static let lost =
    "when it is lost for good, start once with --new-pepper: known users then count as new ones"

  /// Reads the secret; `nil` when there is no such file.
  static func read(_ path: String) throws(CollectorError) -> [UInt8]? {
    if let bytes = SmallFile.read(path, limit: 1024) {
      guard bytes.count >= 32 else {
        throw CollectorError(.dataFolder, "\(path) is not a pepper: it needs at least 32 random bytes")
      }
      return bytes
    }
    guard !SmallFile.exists(path) else {
      throw CollectorError(.dataFolder, "cannot read the pepper \(path); check who may read it")
    }
    return nil
  }

  private static func make(_ path: String, isFirst: Bool) throws(CollectorError) -> [UInt8] {
    guard isFirst else {
      throw CollectorError(
        .dataFolder,
        "the pepper \(path) is missing, and this folder's pseudonyms were made with it (backups leave it out): put your copy there, or name it with --pepper-file or AVOW_PEPPER_FILE; \(lost)"
      )
    }
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    guard SmallFile.write(bytes, to: path, mode: 0o600) else {
      throw CollectorError(.dataFolder, "cannot write the pepper \(path)")
    }
    return bytes
  }
}
