import AvowWire

/// The secret that lets its bearer see and change everything.
///
/// The collector keeps its digest, in the control database. The file `admin-token` is the operator's copy:
/// it is written when a token is made and needed by nobody else afterwards.
enum AdminToken {
  /// Returns the digest of the token in force, making a token at first.
  static func load(_ folder: String, _ database: ControlDatabase) throws(CollectorError) -> [UInt8] {
    if let known = try database.note(note).flatMap(Self.bytes) { return known }
    if let bytes = SmallFile.read(folder + "/" + file, limit: 1024) {
      let token = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
      guard token.utf8.count >= 20 else {
        throw CollectorError(
          .dataFolder, "\(folder)/\(file) holds no token; remove it to have a new one made")
      }
      return try keep(token, database)
    }
    return try replace(folder, database, leavingCopy: true).digest
  }

  /// Makes a token in place of the one in force.
  static func replace(
    _ folder: String, _ database: ControlDatabase, leavingCopy: Bool
  ) throws(CollectorError) -> (token: String, digest: [UInt8]) {
    let token = Secret.make(prefix: "at_")
    let path = folder + "/" + file
    if leavingCopy {
      guard SmallFile.write(Array((token + "\n").utf8), to: path, mode: 0o600) else {
        throw CollectorError(.dataFolder, "cannot write \(path)")
      }
    } else {
      SmallFile.remove(path)
    }
    return (token, try keep(token, database))
  }

  private static func keep(_ token: String, _ database: ControlDatabase) throws(CollectorError) -> [UInt8] {
    let digest = Secret.digest(token)
    try database.setNote(note, hexadecimal(digest))
    return digest
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array(text).compactMap(\.hexDigitValue)
    guard digits.count == 64 else { return nil }
    return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  private static let file = "admin-token"
  private static let note = "admin token"
}

extension AdminAPI {
  func replaceToken(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    let (token, digest) = try AdminToken.replace(
      state.folder.path, state.database, leavingCopy: request["copy"] != "no")
    state.access.replaceToken(digest: digest)
    return .json(["token": .string(token)])
  }
}
