public import AvowWire
import Crypto
import Foundation

/// A signed statement that an erasure was done: which app, how much, when; never whom it concerned.
///
/// The signature (Ed25519) is over the canonical JSON of all other members, so anyone who has the
/// collector's public key can check the statement without the collector.
public struct Receipt: Sendable {
  /// All members, the signature included.
  public let json: JSONValue

  /// Takes a receipt as it was printed.
  ///
  /// - Throws: `CollectorError` when it is none.
  public init(parsing bytes: some Sequence<UInt8>) throws(CollectorError) {
    guard let json = try? JSONValue(parsing: Array(bytes)), json["receipt"]?.integerValue == 1,
      json["key"]?.stringValue != nil, json["signature"]?.stringValue != nil
    else {
      throw CollectorError(.usage, "that is no receipt; give the JSON that `avow forget --receipt` wrote")
    }
    self.json = json
  }

  fileprivate init(json: JSONValue) { self.json = json }

  /// The public key it says it was signed with, in hexadecimal.
  public var key: String { json["key"]?.stringValue ?? "" }

  /// Whether it is as it was signed, by the holder of `key` (the one it names when `nil`).
  public func isSigned(by key: String? = nil) -> Bool {
    guard var members = json.objectValue, let signature = members.removeValue(forKey: "signature"),
      let signed = Self.bytes(signature.stringValue ?? ""), let raw = Self.bytes(key ?? self.key),
      key == nil || key?.lowercased() == self.key,
      let signer = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { return false }
    return signer.isValidSignature(Data(signed), for: Data(JSONValue.object(members).bytes))
  }

  private static func bytes(_ hexadecimal: String) -> [UInt8]? {
    let digits = Array(hexadecimal).map(\.hexDigitValue)
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0))
    }
  }
}

/// The key a collector signs its receipts with: `receipt-key` in the data folder, for its owner alone.
final class ReceiptKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey
  /// In hexadecimal, for everybody.
  let publicKey: String

  /// Reads the key, making it at first.
  init(folder: String) throws(CollectorError) {
    let path = folder + "/receipt-key"
    if let bytes = SmallFile.read(path, limit: 1024) {
      guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else {
        throw CollectorError(
          .dataFolder,
          "\(path) is no receipt key: it needs 32 bytes; restore it, or move it away for a new one")
      }
      self.key = key
    } else {
      guard !SmallFile.exists(path) else {
        throw CollectorError(.dataFolder, "cannot read the receipt key \(path); check who may read it")
      }
      key = Curve25519.Signing.PrivateKey()
      guard SmallFile.write(Array(key.rawRepresentation), to: path, mode: 0o600) else {
        throw CollectorError(.dataFolder, "cannot write the receipt key \(path)")
      }
    }
    publicKey = hexadecimal(key.publicKey.rawRepresentation)
  }

  /// Signs a statement.
  func sign(_ members: [String: JSONValue]) throws(CollectorError) -> Receipt {
    var members = members
    members["receipt"] = 1
    members["key"] = .string(publicKey)
    guard let signature = try? key.signature(for: Data(JSONValue.object(members).bytes)) else {
      throw CollectorError(.failed, "the receipt could not be signed")
    }
    members["signature"] = .string(hexadecimal(signature))
    return Receipt(json: .object(members))
  }
}
