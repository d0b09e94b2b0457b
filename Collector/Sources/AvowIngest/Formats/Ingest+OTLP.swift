import AvowWire

/// OpenTelemetry log records as events: OTLP/HTTP in JSON and in protobuf.
extension Ingest {
  func otlp(_ request: IngestRequest, door: Opened?) -> Received {
    guard let encoding = OTLPEncoding(named: request) else {
      return .answered(
        OTLPEncoding.json.error(415, "send application/json or application/x-protobuf"))
    }
    guard request.method == "POST" else {
      return .answered(encoding.error(405, "log records are sent with POST"))
    }
    let opened: Opened
    if let door {
      opened = door
    } else {
      // PostHog's SDKs, at an address of theirs, have it in the query.
      guard let key = request.header("x-api-key") ?? request.bearer ?? request.parameter("token") else {
        return .answered(
          encoding.error(401, "send the app's write key as `x-api-key` (OTEL_EXPORTER_OTLP_HEADERS)"))
      }
      switch open(.otlp, key: key) {
      case .open(let found): opened = found
      case .unknownKey: return .answered(encoding.error(401, "no app has this write key"))
      case .missingEntry(let sentence): return .answered(encoding.error(400, sentence))
      }
    }
    let result: Result<Received, ScanError>
    switch encoding {
    case .json:
      result = Self.withDocument(request.body) { document -> Received in
        guard document.nodes[0].kind == .object else {
          return .answered(encoding.error(400, "the body must be an ExportLogsServiceRequest"))
        }
        let records = document.flattenLogRecords()
        return otlp(request, document, records, encoding, opened)
      }
    case .protobuf:
      // A message without fields is no bytes.
      guard !request.body.isEmpty else { return .answered(encoding.success(rejected: 0, message: "")) }
      result = request.body.withUnsafeBufferPointer { bytes -> Result<Received, ScanError> in
        do throws(ScanError) {
          let (document, records) = try LogRecordReader.read(bytes)
          return .success(otlp(request, document, records, encoding, opened))
        } catch {
          return .failure(error)
        }
      }
    }
    return switch result {
    case .success(let received): received
    case .failure(let error): .answered(encoding.error(400, error.description))
    }
  }

  private func otlp(
    _ request: IngestRequest, _ document: Document, _ records: [LogRecord], _ encoding: OTLPEncoding,
    _ opened: Opened
  ) -> Received {
    var admission = admission(opened, document: document, request: request)
    var refused = 0
    for record in records {
      let source = Admission.Source(layers: [record.flat], record: record)
      if case .refused = admission.admit(source, mapping: opened.mapping) { refused += 1 }
    }
    let rejected = refused
    return finish(
      request, admission, key: opened.key,
      success: { _ in
        encoding.success(
          rejected: rejected, message: "these records name no event that the catalog declares")
      },
      failure: { encoding.error($0.status, $0.reason, retryAfter: $0.retryAfter) })
  }
}
