import AvowDashboard
import AvowIngest
import AvowStore
import AvowWire

/// Everything an operator can ask of a collector, the same by command, control socket and HTTP.
public struct AdminAPI: Sendable {
  let state: CollectorState

  /// Answers a request; whoever calls has made sure that the caller may.
  public func respond(to request: AdminRequest) async -> AdminResponse {
    do {
      return try await route(request)
    } catch let error as CollectorError {
      return .failure(error)
    } catch let error as StoreError {
      return .failure(CollectorError(error.code == .unanswerable ? .usage : .failed, error.message))
    } catch let error as QuestionError {
      return .failure(CollectorError(.usage, "\(error)"))
    } catch {
      return .failure(CollectorError(.failed, "it failed: \(type(of: error))"))
    }
  }

  private func route(_ request: AdminRequest) async throws -> AdminResponse {
    switch (request.method, request.path) {
    case ("GET", "status"): return .json(try status())
    case ("GET", "keys"): return try listKeys(request)
    case ("POST", "keys"): return try addKey(request)
    case ("POST", "keys/revoke"): return try revokeKey(request)
    case ("GET", "ask"): return try await ask(request)
    case ("GET", "export"): return try export(request)
    case ("POST", "forget"): return try await forget(request)
    case ("GET", "deletions"): return try deletions(request)
    case ("GET", "retention"): return try await retention()
    case ("POST", "retention"): return try await enforceRetention()
    case ("POST", "tidy"): return try await tidy()
    case ("POST", "backup"): return try backUp(request)
    case ("POST", "import"): return try await takeOver(request)
    case ("POST", "token"): return try replaceToken(request)
    case ("GET", "receipt-key"): return receiptKey()
    case ("GET", "quarantine"): return try quarantine(request)
    case ("POST", "sign-in"): return .json(["code": .string(state.access.makeSignInCode())])
    case ("POST", "reload"):
      return .json(["warnings": .array(try await state.reload().map(JSONValue.string))])
    default:
      throw CollectorError(
        .notFound,
        "there is no \(request.method) /admin/\(request.path); there are status, keys, keys/revoke, ask, export, forget, deletions, receipt-key, retention, tidy, backup, import, quarantine, token, sign-in, reload"
      )
    }
  }

  private func status() throws(CollectorError) -> JSONValue {
    let set = state.catalogs
    return [
      "apps": .array(
        set.entries.map { entry in
          [
            "app": .string(entry.catalog.app), "name": .string(entry.catalog.name),
            "version": .integer(Int64(entry.catalog.version)), "digest": .string(entry.digest),
            "counts": .object(
              state.counts(app: entry.catalog.app).reduce(into: [:]) {
                $0[$1.name] = .integer(Int64($1.value))
              }),
          ]
        }),
      "time": .string("\(state.clock.now())"), "started": .string("\(state.started)"),
      "disk": .integer(Int64(SmallFile.size(ofFolder: state.folder.path))),
      "disk_free": .integer(Int64(SmallFile.free(atFolder: state.folder.path))),
      "memory": .integer(Int64(Traffic.residentBytes)),
      "pending_deletions": .integer(Int64(try state.database.deletions(app: nil, isPending: true).count)),
      "rates": rates(),
      "certificate_expires": state.tls.map { .string("\($0.expires)") } ?? .null,
    ]
  }

  /// What came in the last minute, a second.
  private func rates() -> JSONValue {
    let (passed, seconds) = state.rates.lately(state.totals, at: .now)
    func rate(_ count: Int) -> JSONValue { .number(seconds >= 1 ? Double(count) / seconds : 0) }
    return [
      "seconds": .number(seconds), "requests": rate(passed.requests), "received": rate(passed.received),
      "stored": rate(passed.stored), "put_off": .integer(Int64(passed.putOff)),
    ]
  }

  private func ask(_ request: AdminRequest) async throws -> AdminResponse {
    let entry = try state.catalogs.entry(app: request.required("app"))
    let today = state.today(for: entry.catalog)
    let question = try Question(
      parsing: try request.required("q"), app: entry.catalog.app, catalog: entry.catalog, today: today)
    let answer = try await state.store.answer(question)
    switch request["format"] ?? "text" {
    case "text":
      let width = request["width"].flatMap { Int($0) } ?? 80
      return .text("\(AnswerText(answer, width: width, catalog: entry.catalog))")
    case "json": return .text("\(AnswerJSON(answer))\n", contentType: "application/json")
    case "csv": return .text("\(AnswerCSV(answer))", contentType: "text/csv; charset=utf-8")
    default: throw CollectorError(.usage, "format is text, json or csv")
    }
  }

  private func quarantine(_ request: AdminRequest) throws -> AdminResponse {
    var lines: [JSONValue] = []
    for entry in state.catalogs.entries
    where request["app"] == nil || request["app"] == entry.catalog.app {
      for line in state.qualityLines(app: entry.catalog.app) { lines.append(line) }
    }
    return .json(["quarantine": .array(lines)])
  }
}
