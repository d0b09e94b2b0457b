import AvowDashboard
import AvowIngest
import AvowStore
import AvowWire
import Synchronization

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
    case ("GET", "export"): return try await export(request)
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
    case ("POST", "sign-in"): return .json(signIn())
    case ("POST", "quarantine/clear"): return try clearQuarantine(request)
    case ("POST", "reload"):
      return .json(["warnings": .array(try await state.reload().map(JSONValue.string))])
    default:
      throw CollectorError(
        .notFound,
        "there is no \(request.method) /admin/\(request.path); there are status, keys, keys/revoke, ask, export, forget, deletions, receipt-key, retention, tidy, backup, import, quarantine, quarantine/clear, token, sign-in, reload"
      )
    }
  }

  /// A link that signs one browser in, once.
  private func signIn() -> JSONValue {
    let code = state.access.makeSignInCode()
    let address = state.address.withLock { $0 } ?? ""
    return ["code": .string(code), "link": .string("\(address)/sign-in?code=\(code)")]
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
    let text = try request.required("q")
    let question: Question
    do throws(QuestionError) {
      question = try Question(
        parsing: text, app: entry.catalog.app, catalog: entry.catalog, today: today)
    } catch {
      throw try retired(text, entry.catalog) ?? error
    }
    let answer = try await state.store.answer(question)
    switch request["format"] ?? "text" {
    case "text":
      let width = request["width"].flatMap { Int($0) } ?? 80
      return .text("\(AnswerText(answer, width: width, catalog: entry.catalog))")
    case "json":
      return .text("\(AnswerJSON(answer, catalog: entry.catalog))\n", contentType: "application/json")
    case "csv":
      return .text("\(AnswerCSV(answer, catalog: entry.catalog))", contentType: "text/csv; charset=utf-8")
    default: throw CollectorError(.usage, "format is text, json or csv")
    }
  }

  /// Says of an event that only older catalogs declared how to get what is stored of it.
  private func retired(_ text: String, _ catalog: Catalog) throws(CollectorError) -> CollectorError? {
    let history = try state.history(of: catalog)
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    guard let event = history.retired.first(where: words.contains),
      let version = history.lastVersion(declaring: event)
    else { return nil }
    return CollectorError(
      .usage,
      "\"\(event)\" was declared until version \(version) and cannot be asked about any more; `avow export "
        + "\(catalog.app) --event \(event)` hands out what is stored of it")
  }

  private func quarantine(_ request: AdminRequest) throws -> AdminResponse {
    var lines: [JSONValue] = []
    for entry in state.catalogs.entries
    where request["app"] == nil || request["app"] == entry.catalog.app {
      for line in state.qualityLines(app: entry.catalog.app) { lines.append(line) }
    }
    return .json(["quarantine": .array(lines)])
  }

  /// Forgets what was refused and removed so far, of an app or of all; the counts of events stay.
  private func clearQuarantine(_ request: AdminRequest) throws(CollectorError) -> AdminResponse {
    let app = try request["app"].map { app throws(CollectorError) in try state.entry(app: app).catalog.app }
    let count = state.quarantine.forget(app: app)
    try state.saveQuality()
    return .json(["cleared": .integer(Int64(count))])
  }
}
