public import AvowWire

/// A form in which events of the past come, a line each.
public enum ImportFormat: String, Sendable, CaseIterable {
  /// What `avow export` writes.
  case avow
  /// What Amplitude's export API gives, unzipped.
  case amplitude
  /// Events as Jitsu logged them, nested or as rows of a table.
  case jitsu
}

/// What became of one line.
public enum ImportedLine: Sendable {
  /// One event to store, with what was removed of it: for `countImported` once the store has said what became of it.
  case event(EventBatch, ImportedRemovals)
  /// The catalog takes no such event, or the line is none.
  case refused
  /// The catalog drops it, or it is no event: an identify call.
  case dropped
}

/// What an event that was taken over lost, to be counted only when it is stored: lines that come again are not.
public struct ImportedRemovals: Sendable {
  fileprivate var notes: [Note]
  fileprivate var appVersion: String?
  fileprivate var received: Timestamp
  fileprivate var counters: Quarantine.Counters

  /// How many fields were removed.
  public var count: Int { counters.removed }
}

/// Events of the past pass the same admission as those of a request; each comes with the time of its own receipt.
extension Ingest {
  /// Whether the app's catalog takes a form; the sentence says what to add when not.
  public func importObstacle(app: String, format: ImportFormat) -> String? {
    guard let index = indexOfApp[app] else { return "no catalog is loaded for the app \"\(app)\"" }
    guard let foreign = format.foreign, compiled[index].mapping(for: foreign) == nil else { return nil }
    return
      "the catalog of \"\(app)\" does not say how \(format.rawValue)'s events map; add `- format: \(foreign.rawValue)` under `accepts`"
  }

  /// Reads one line and admits its event. What is refused and removed is counted in the quarantine.
  ///
  /// - Parameter now: The present; a receipt in the future is taken for it.
  public func read(importing line: [UInt8], app: String, format: ImportFormat, now: Timestamp) -> ImportedLine
  {
    guard let index = indexOfApp[app] else { return .refused }
    let request = { (received: Timestamp) in
      IngestRequest(method: "POST", path: "", received: min(received, now))
    }
    do {
      switch format {
      case .avow:
        return try line.withUnsafeBufferPointer { bytes in
          let document = try Document(bytes)
          guard document.nodes[0].kind == .object else { return refuse(app, now) }
          let received = document.time("received", of: 0) ?? document.time("time", of: 0) ?? now
          var admission = Admission(
            compiled[index], appIndex: index, document: document, request: request(received),
            pseudonyms: pseudonyms)
          let isAdmitted = admission.admitExported()
          return note(admission, isAdmitted ? .admitted : .refused(.unknownEvent))
        }
      case .amplitude, .jitsu:
        guard let foreign = format.foreign, let mapping = compiled[index].mapping(for: foreign),
          case .object(let members) = try JSONValue(parsing: line)
        else { return refuse(app, now) }
        let event = format == .amplitude ? PastEvent(amplitude: members) : PastEvent(jitsu: members, mapping)
        let bytes = JSONValue.object(event.members).bytes
        return try bytes.withUnsafeBufferPointer { bytes in
          let document = try Document(bytes)
          let received = event.received ?? event.time ?? now
          var admission = Admission(
            compiled[index], appIndex: index, document: document, request: request(received),
            pseudonyms: pseudonyms)
          admission.sent = event.sent
          // Without an identifier of its own the event is known by its line, which a second run repeats.
          let record = LogRecord(flat: 0, bytes: bytes, resource: Bytes(start: nil, count: 0))
          let verdict = admission.admit(Admission.Source(layers: [0], record: record), mapping: mapping)
          return note(admission, verdict)
        }
      }
    } catch {
      return refuse(app, now)
    }
  }

  private func note(_ admission: Admission, _ verdict: Admission.Verdict) -> ImportedLine {
    let removals = ImportedRemovals(
      notes: admission.notes, appVersion: admission.appVersion, received: admission.received,
      counters: admission.counters)
    switch verdict {
    case .admitted: return .event(admission.batch, removals)
    case .refused, .dropped, .control:
      note(removals, app: admission.compiled.catalog.app)
      if case .refused = verdict { return .refused }
      return .dropped
    }
  }

  private func note(_ removals: ImportedRemovals, app: String) {
    quarantine.note(
      removals.notes, app: app, appVersion: removals.appVersion, received: removals.received,
      counters: removals.counters)
  }

  /// Counts a line that is no event.
  private func refuse(_ app: String, _ now: Timestamp) -> ImportedLine {
    var counters = Quarantine.Counters()
    counters.received = 1
    counters.refused = 1
    let other = Note.Name(text: Quarantine.other, isDeclared: true)
    quarantine.note(
      [Note(event: other, field: nil, reason: .malformed)], app: app, appVersion: nil, received: now,
      counters: counters)
    return .refused
  }

  /// Counts what the store did with one event.
  public func countImported(_ removals: ImportedRemovals, stored: Int, duplicates: Int, app: String) {
    if stored > 0 {
      note(removals, app: app)
    } else {
      var counters = removals.counters
      counters.removed = 0
      quarantine.count(counters, app: app)
    }
    var counters = Quarantine.Counters()
    counters.stored = stored
    counters.duplicates = duplicates
    quarantine.count(counters, app: app)
  }
}

extension ImportFormat {
  /// The wire format whose mapping says what its members mean.
  fileprivate var foreign: Acceptance.Format? {
    switch self {
    case .avow: nil
    case .amplitude: .amplitude
    case .jitsu: .jitsu
    }
  }
}

/// An event of another system's archive, as its client would have sent it.
private struct PastEvent {
  var members: [String: JSONValue]
  /// When that system got it.
  var received: Timestamp?
  /// The client's clock when it sent, for the same correction of its time.
  var sent: Timestamp?
  var time: Timestamp?

  /// Amplitude's export names some members otherwise than its HTTP API, and has both clocks.
  init(amplitude line: [String: JSONValue]) {
    members = line.filter { !Self.amplitudeOwn.contains($0.key) }
    func time(_ name: String) -> Timestamp? { line[name]?.stringValue.flatMap { Timestamp(iso8601: $0) } }
    received = time("server_received_time") ?? time("server_upload_time") ?? time("processed_time")
    let written = time("client_event_time")
    sent = time("client_upload_time")
    // Without both clocks of the client there is Amplitude's own reckoning.
    let event = written != nil && sent != nil && received != nil ? written : time("event_time") ?? written
    if event != written { sent = nil }
    self.time = event
    members["time"] = event.map { .integer($0.milliseconds) }
    let identifier = [line["$insert_id"], line["insert_id"], line["uuid"]].compactMap { $0?.stringValue }
      .first { !$0.isEmpty }
    members["insert_id"] = identifier.map(JSONValue.string)
    if members["app_version"] == nil { members["app_version"] = line["version_name"] }
    members["version_name"] = nil
  }

  /// What Amplitude adds of its own; all else is read as if its HTTP API had got it.
  private static let amplitudeOwn: Set<String> = [
    "$insert_id", "$insert_key", "$schema", "amplitude_attribution_ids", "amplitude_event_type",
    "amplitude_id",
    "app", "client_event_time", "client_upload_time", "data", "data_type", "device_carrier", "device_family",
    "device_type", "event_time", "global_user_properties", "group_first_event", "group_ids", "ip_address",
    "is_attribution_event", "partner_id", "paying", "plan", "processed_time", "sample_rate",
    "server_received_time", "server_upload_time", "source_id", "start_version", "user_creation_time",
    "user_first_event", "uuid", "raw_id",
  ]

  /// Jitsu's `_timestamp` is the time of its server, `utc_time` that of the client.
  /// A row of a table has `user_id` where the event had `user` with an `id`: such a column is read under the path that the
  /// catalog names, unless it names the column too.
  init(jitsu line: [String: JSONValue], _ mapping: Mapping) {
    members = line
    let paths =
      mapping.entry.fields.flatMap(\.candidates).map(\.path) + mapping.entry.dropFields
      + ["user.anonymous_id"]
    for path in paths where path.contains(".") && line[String(path.prefix { $0 != "." })] == nil {
      let column = path.replacing(".", with: "_")
      guard !paths.contains(column), members[path] == nil, let value = line[column] else { continue }
      members[column] = nil
      members[path] = value
    }
    func time(_ name: String) -> Timestamp? { line[name]?.stringValue.flatMap { Timestamp(iso8601: $0) } }
    received = time("_timestamp")
    self.time = time("utc_time") ?? received
  }
}

extension Document {
  fileprivate func time(_ name: StaticString, of object: Int) -> Timestamp? {
    member(name, of: object).flatMap { TimeText.timestamp($0, in: self) }
  }
}

extension Admission {
  /// Admits an event as an export hands it out: names are the catalog's own, and the user is a pseudonym already.
  mutating func admitExported() -> Bool {
    counters.received += 1
    guard let id = identifier("id"), let time = document.time("time", of: 0) else {
      noteRefused(Quarantine.other, isDeclared: true, .malformed)
      return false
    }
    let name = document.member("event", of: 0).flatMap { node in
      document.nodes[node].kind == .text ? document.bytes(document.nodes[node]) : nil
    }
    guard let name, case let position = compiled.events.find(name, hash: KeyHash.hash(name)), position >= 0
    else {
      noteRefused(
        name.map { String(decoding: $0, as: UTF8.self) } ?? Quarantine.other, isDeclared: name == nil,
        .unknownEvent)
      return false
    }
    let declared = compiled.properties[position]
    eventName = Note.Name(text: declared.name, isDeclared: true)
    var context = batch.values.count..<batch.values.count
    if let object = document.member("context", of: 0), document.nodes[object].kind == .object {
      context = addMembers(
        of: object, fields: compiled.context, names: compiled.contextNames, isExported: true)
    }
    rememberVersion(context)
    var properties = batch.values.count..<batch.values.count
    if let object = document.member("properties", of: 0), document.nodes[object].kind == .object {
      properties = addMembers(of: object, fields: declared.fields, names: declared.names)
    }
    let identity = compiled.catalog.identity
    let corrected = times(time).time
    batch.entries.append(
      EventBatch.Entry(
        event: position, id: id, sentTime: document.time("sent", of: 0) ?? time, time: corrected,
        user: identity.user == .none ? nil : identifier("user"),
        session: identity.session == .none ? nil : identifier("session"),
        isEphemeral: document.member("ephemeral", of: 0).map { document.nodes[$0].kind == .yes } ?? false,
        properties: properties, context: context))
    return true
  }

  private func identifier(_ name: StaticString) -> Identifier128? {
    document.text(name, of: 0).flatMap { Identifier128($0) }
  }
}
