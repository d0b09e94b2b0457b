import AvowWire
import Crypto

/// Random texts that grant something: write keys, the admin token, sign-in codes, sessions.
enum Secret {
  /// Returns `prefix` and 160 random bits in base 32 (Crockford's alphabet, lower case).
  static func make(prefix: String) -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    var generator = SystemRandomNumberGenerator()
    let characters = (0..<32).map { _ in alphabet[Int(generator.next() & 31)] }
    return prefix + String(decoding: characters, as: UTF8.self)
  }

  /// What is kept of a secret: 160 random bits need no salt and no slow hash.
  static func digest(_ secret: some StringProtocol) -> [UInt8] {
    Array(Crypto.SHA256.hash(data: Array(secret.utf8)))
  }

  /// Compares digests in a time that does not depend on where they differ.
  static func matches(_ digest: [UInt8], _ secret: some StringProtocol) -> Bool {
    let other = Self.digest(secret)
    guard digest.count == other.count else { return false }
    return zip(digest, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
