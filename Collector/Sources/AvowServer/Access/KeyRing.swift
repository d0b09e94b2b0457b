public import AvowWire
import Synchronization

/// The write keys in force, as requests look them up.
///
/// A write key is public by nature: it says which app events belong to and lets nobody read. It is
/// kept hashed all the same, so that a copy of the data folder does not help anyone to send.
public final class KeyRing: Sendable {
  private struct State {
    var apps: [[UInt8]: String] = [:]
    /// What may ask for erasures, and nothing else, of an app.
    var erasers: [[UInt8]: String] = [:]
    /// Keys seen lately, so that a busy sender does not cost a hash for each request.
    var recent: [String: String] = [:]
  }
  private let state = Mutex(State())

  init() {}

  /// Returns the app a key writes to, `nil` for an unknown or revoked one.
  public func app(of key: String) -> String? {
    if let app = state.withLock({ $0.recent[key] }) { return app }
    guard key.utf8.count <= 128 else { return nil }
    let digest = Secret.digest(key)
    return state.withLock { state in
      guard let app = state.apps[digest] else { return nil }
      if state.recent.count >= 1024 { state.recent.removeAll() }
      state.recent[key] = app
      return app
    }
  }

  /// Returns the app of which a key may erase users, `nil` for any other.
  func erases(_ key: String) -> String? {
    guard key.utf8.count <= 128 else { return nil }
    let digest = Secret.digest(key)
    return state.withLock { $0.erasers[digest] }
  }

  func replace(with keys: [StoredKey]) {
    let inForce = keys.filter { $0.revoked == nil }
    state.withLock { state in
      state.apps = Dictionary(
        inForce.filter { !$0.erases }.map { ($0.digest, $0.app) }, uniquingKeysWith: { $1 })
      state.erasers = Dictionary(
        inForce.filter(\.erases).map { ($0.digest, $0.app) }, uniquingKeysWith: { $1 })
      state.recent.removeAll()
    }
  }
}

/// A write key as the collector keeps it.
public struct StoredKey: Sendable, Hashable {
  public var app: String
  var digest: [UInt8]
  /// The first characters, so that a person recognises it.
  public var prefix: String
  public var created: Timestamp
  public var revoked: Timestamp?
  /// Whether it may ask for erasures and not write.
  public var erases = false
}
