import AvowStore
import AvowWire

extension AdminAPI {
  /// Copies the data folder, telling how far it is in lines of JSON; the last line says how it ended.
  ///
  /// Only for the folder's owner on this machine: whoever has the admin token alone may not write files.
  func backUp(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    guard request.isOwner else {
      throw CollectorError(.usage, "a backup is made on the collector's machine, with `avow backup`")
    }
    guard let store = state.store as? any BackedUpStore else {
      throw CollectorError(.usage, "this store has a backup of its own; use its database's tools")
    }
    let backup = try Backup(
      state: state, store: store, destination: try request.required("to"),
      withPepper: request["pepper"] == "yes")
    return AdminResponse(
      status: 200, contentType: "application/x-ndjson",
      body: .stream { write in
        @Sendable func say(_ line: JSONValue) async throws { try await write(line.bytes + [0x0A]) }
        do {
          try await backup.run { progress in
            try await say([
              "file": .string(progress.file), "done": .integer(Int64(progress.done)),
              "total": .integer(Int64(progress.total)),
            ])
          }
          try await say(["finished": .boolean(true), "bytes": .integer(Int64(backup.bytes))])
        } catch let error as CollectorError {
          try await say(["error": .string(error.message)])
        } catch let error as StoreError {
          try await say(["error": .string(error.message)])
        }
      })
  }
}
