import AvowWire
import Crypto
import NIOSSL
import Synchronization

/// Where a collector's certificate and key lie, both in PEM form.
public struct TLSFiles: Sendable, Hashable {
  /// The certificate, followed by those of the authorities in between.
  public var certificate: String
  public var key: String

  /// Creates the pair.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}

/// The certificate that connections are met with, read from files and read again when these change.
///
/// A connection keeps what it began with; the next one gets the new certificate. What cannot be used is
/// complained of, and the old one stays in force.
final class TLSIdentity: Sendable {
  private struct Loaded {
    var context: NIOSSLContext
    var expires: Timestamp
  }

  private struct State {
    var loaded: Loaded
    var inForce: [UInt8]
    /// What was read last, good or bad, so that the same bad files are complained of once.
    var seen: [UInt8]
  }

  let files: TLSFiles
  private let state: Mutex<State>

  /// Reads the files.
  ///
  /// - Throws: `CollectorError` naming the file and what is wrong with it.
  init(_ files: TLSFiles) throws(CollectorError) {
    self.files = files
    let (loaded, digest) = (try Self.load(files), Self.digest(files))
    state = Mutex(State(loaded: loaded, inForce: digest, seen: digest))
  }

  /// What the next connection is met with.
  var context: NIOSSLContext { state.withLock { $0.loaded.context } }

  /// When the certificate in force ends.
  var expires: Timestamp { state.withLock { $0.loaded.expires } }

  /// Reads the files again where they changed since they were last looked at; returns whether they did.
  ///
  /// - Parameter isAsked: Somebody asked, so files that were bad before are complained of again.
  func reload(isAsked: Bool) throws(CollectorError) -> Bool {
    let digest = Self.digest(files)
    let isNew = state.withLock { state in
      defer { state.seen = digest }
      return digest != state.inForce && (isAsked || digest != state.seen)
    }
    guard isNew else { return false }
    let loaded = try Self.load(files)
    state.withLock { state in
      state.loaded = loaded
      state.inForce = digest
    }
    return true
  }

  private static func digest(_ files: TLSFiles) -> [UInt8] {
    var hash = Crypto.SHA256()
    for path in [files.certificate, files.key] {
      hash.update(data: SmallFile.read(path, limit: sizeLimit) ?? [])
      hash.update(data: [0])
    }
    return Array(hash.finalize())
  }

  private static func load(_ files: TLSFiles) throws(CollectorError) -> Loaded {
    func bytes(_ path: String) throws(CollectorError) -> [UInt8] {
      guard let bytes = SmallFile.read(path, limit: sizeLimit) else {
        throw CollectorError(.usage, "cannot read \(path); check that it is there and who may read it")
      }
      return bytes
    }
    let (chain, keyBytes) = (try bytes(files.certificate), try bytes(files.key))
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(chain), let first = certificates.first else {
      throw CollectorError(
        .usage, "\(files.certificate) holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
    }
    // Nobody is there to type a passphrase when the file changes at night.
    let unlocked = { (_: (([UInt8]) -> Void)) throws -> Void in throw Locked() }
    guard let key = try? NIOSSLPrivateKey(bytes: keyBytes, format: .pem, passphraseCallback: unlocked) else {
      throw CollectorError(
        .usage, "\(files.key) holds no private key in PEM form, or one under a passphrase; give it without")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
    // RFC 9325: nothing below 1.2, and there only what keeps past connections secret and is authenticated.
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuites = "ECDH+AESGCM:ECDH+CHACHA20"
    configuration.applicationProtocols = ["http/1.1"]
    guard let context = try? NIOSSLContext(configuration: configuration) else {
      throw CollectorError(
        .usage, "the key \(files.key) does not belong to the certificate \(files.certificate)")
    }
    return Loaded(context: context, expires: Timestamp(milliseconds: Int64(first.notValidAfter) * 1000))
  }

  private struct Locked: Error {}

  private static let sizeLimit = 1 << 20
}
