import AvowIngest
import AvowWire

extension AdminAPI {
  /// Erases everything stored for whoever quotes an identifier; answers with the signed receipt.
  func forget(_ request: AdminRequest) async throws -> AdminResponse {
    let app = try state.entry(app: request.required("app")).catalog.app
    let user = try state.user(of: app, quoted: [try request.required("user")])
    let deletion = try await state.deletions.erase(app: app, user, source: .operators)
    return .json(deletion.answer)
  }

  /// Lists requests for erasure, the newest first, or gives the receipt of one.
  func deletions(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    if let text = request["number"] {
      guard let number = Int64(text), let deletion = try state.database.deletion(number: number) else {
        throw CollectorError(.notFound, "there is no deletion of that number; `avow deletions` lists them")
      }
      return .json(deletion.answer)
    }
    let app = try request["app"].map { app throws(CollectorError) in
      try state.entry(app: app).catalog.app
    }
    return .json(["deletions": .array(try state.database.deletions(app: app).map(\.json))])
  }

  /// The key that receipts are signed with.
  func receiptKey() -> AdminResponse { .json(["key": .string(state.deletions.key.publicKey)]) }
}

extension CollectorState {
  /// Everything that may stand for whoever quotes these identifiers: an identifier as his client sent it, or the
  /// pseudonym an export shows. Also where the app's catalog is no longer loaded: its events are kept all the same.
  func user(of app: String, quoted: [String]) throws(CollectorError) -> QuotedUser {
    let history = try database.history(of: app)
    let (ingest, now) = (ingest, clock.now())
    var user = QuotedUser()
    for text in quoted {
      let names = ingest.names(of: text, in: history, at: now)
      user.pseudonyms += names.pseudonyms + (Identifier128(text).map { [$0] } ?? [])
      user.marks += names.marks
    }
    return user
  }

  /// The catalog of an app; of one that is not loaded the newest it ran with.
  ///
  /// - Throws: `CollectorError` naming the apps there are.
  func entry(app: String) throws(CollectorError) -> CatalogSet.Entry {
    let loaded = catalogs
    if !loaded.entries.contains(where: { $0.catalog.app == app }),
      let kept = try database.newestCatalogs().first(where: { $0.app == app }),
      let entry = try CatalogSet(kept: [kept]).entries.first
    {
      return entry
    }
    return try loaded.entry(app: app)
  }
}
