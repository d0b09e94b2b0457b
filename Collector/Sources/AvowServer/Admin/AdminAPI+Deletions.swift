import AvowIngest
import AvowWire

extension AdminAPI {
  /// Erases everything stored for whoever quotes an identifier; answers with the signed receipt.
  func forget(_ request: AdminRequest) async throws -> AdminResponse {
    let app = try state.catalogs.entry(app: request.required("app")).catalog.app
    let users = state.pseudonyms(app: app, quoted: try request.required("user"))
    let deletion = try await state.deletions.erase(app: app, users: users, source: .operators)
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
      try state.catalogs.entry(app: app).catalog.app
    }
    return .json(["deletions": .array(try state.database.deletions(app: app).map(\.json))])
  }

  /// The key that receipts are signed with.
  func receiptKey() -> AdminResponse { .json(["key": .string(state.deletions.key.publicKey)]) }
}

extension CollectorState {
  /// Every pseudonym under which something may be stored for whoever quotes this identifier: the identifier as
  /// his client sent it, or the pseudonym an export shows.
  func pseudonyms(app: String, quoted: String) -> [Identifier128] {
    ingest.pseudonyms(app: app, quoted: quoted, at: clock.now())
      + (Identifier128(quoted).map { [$0] } ?? [])
  }
}
