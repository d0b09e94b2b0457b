import AvowWire

extension AdminAPI {
  func listKeys(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    let keys = try state.database.keys().filter { request["app"] == nil || request["app"] == $0.app }
    return .json([
      "keys": .array(
        keys.map { key in
          [
            "app": .string(key.app), "key": .string(key.prefix + "..."),
            "created": .string("\(key.created)"),
            "revoked": key.revoked.map { .string("\($0)") } ?? .null,
            "for": key.erases ? "erasures" : "events",
          ]
        })
    ])
  }

  /// Makes a key, or takes over one that deployed clients already carry.
  func addKey(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    let entry = try state.catalogs.entry(app: request.required("app"))
    let erases = request["for"] == "erasures"
    guard erases || request["for"] == nil || request["for"] == "events" else {
      throw CollectorError(.usage, "a key is for events or for erasures")
    }
    let key: String
    if let imported = request["key"] {
      guard (8...128).contains(imported.utf8.count), imported.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
      else {
        throw CollectorError(.usage, "an imported key has 8 to 128 visible ASCII characters")
      }
      guard !erases else {
        throw CollectorError(.usage, "a key for erasures is made here: what clients carry anybody can read")
      }
      if let owner = state.keys.app(of: imported), owner != entry.catalog.app {
        throw CollectorError(.usage, "that key already writes to the app \"\(owner)\"")
      }
      key = imported
    } else {
      key = Secret.make(prefix: erases ? "ek_" : "wk_")
    }
    try state.database.insertKey(
      StoredKey(
        app: entry.catalog.app, digest: Secret.digest(key),
        // Enough to know it by, and of a short one not all of it.
        prefix: String(key.prefix(min(8, key.utf8.count / 2))), created: state.clock.now(), revoked: nil,
        erases: erases))
    try state.refreshKeys()
    return .json(["app": .string(entry.catalog.app), "key": .string(key)])
  }

  /// Revokes by the whole key, or by the first characters when only one key has them.
  func revokeKey(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    let given = try request.required("key")
    let wanted = given.hasSuffix("...") ? String(given.dropLast(3)) : given
    let digest = Secret.digest(wanted)
    let keys = try state.database.keys().filter { $0.revoked == nil }
    let matches = keys.filter { $0.digest == digest || (wanted.count >= 4 && $0.prefix == wanted) }
    guard let key = matches.first else {
      throw CollectorError(.notFound, "there is no such key in force; `avow keys list` shows them")
    }
    guard matches.count == 1 else {
      throw CollectorError(.usage, "\(matches.count) keys begin so; give the whole key")
    }
    try state.database.revokeKey(digest: key.digest, at: state.clock.now())
    try state.refreshKeys()
    return .json(["app": .string(key.app), "revoked": .string(key.prefix + "...")])
  }
}
