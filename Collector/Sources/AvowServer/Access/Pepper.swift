import AvowWire

/// The secret that pseudonyms are made with; whoever has it and an identifier can find its events.
enum Pepper {
  /// Reads the secret, making it at first.
  ///
  /// - Throws: `CollectorError` when the file is there and cannot be used: a new secret in its place would
  ///   make every known user a stranger.
  static func load(_ path: String) throws(CollectorError) -> [UInt8] {
    if let bytes = SmallFile.read(path, limit: 1024) {
      guard bytes.count >= 32 else {
        throw CollectorError(.dataFolder, "\(path) is not a pepper: it needs at least 32 random bytes")
      }
      return bytes
    }
    guard !SmallFile.exists(path) else {
      throw CollectorError(.dataFolder, "cannot read the pepper \(path); check who may read it")
    }
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    guard SmallFile.write(bytes, to: path, mode: 0o600) else {
      throw CollectorError(.dataFolder, "cannot write the pepper \(path)")
    }
    return bytes
  }
}
