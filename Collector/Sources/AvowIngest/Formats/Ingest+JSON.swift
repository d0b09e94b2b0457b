import AvowWire

/// Declared formats: a catalog says where the events are and how their members map.
extension Ingest {
  func json(_ request: IngestRequest, _ opened: Opened) -> Received {
    let result = Self.withDocument(request.body) { document in
      var sources: [Admission.Source]
      let root = document.nodes[0].kind
      if let path = opened.mapping.itemsPath {
        guard let items = Self.find(path, in: document), document.nodes[items].kind == .array else {
          return .answered(
            Self.jsonError(400, "invalid_request", "the list of events the catalog declares is not there"))
        }
        sources = document.children(of: items).enumerated().map {
          Admission.Source(layers: [$1, 0], isFirst: $0 == 0)
        }
      } else if root == .array {
        sources = document.children(of: 0).map { Admission.Source(layers: [$0]) }
      } else if root == .object {
        sources = [Admission.Source(layers: [0])]
      } else {
        return .answered(Self.jsonError(400, "invalid_request", "the body must be an object or an array"))
      }
      var admission = admission(opened, document: document, request: request)
      var refused = 0
      for source in sources {
        if case .refused = admission.admit(source, mapping: opened.mapping) { refused += 1 }
      }
      let total = sources.count
      let missed = refused
      return finish(
        request, admission, key: opened.key,
        success: { result in
          if missed > 0, missed == total {
            return Self.jsonError(400, "unknown_event", "the catalog declares no event for this request")
          }
          return .json(
            200,
            [
              "accepted": .integer(Int64(result.stored)), "duplicates": .integer(Int64(result.duplicates)),
              "refused": .integer(Int64(missed)),
            ])
        },
        failure: { Self.jsonError($0.status, $0.word, $0.reason, retryAfter: $0.retryAfter) })
    }
    return switch result {
    case .success(let received): received
    case .failure(let error): .answered(Self.jsonError(400, "invalid_json", error.description))
    }
  }

  static func jsonError(_ status: Int, _ error: String, _ message: String, retryAfter: Int? = nil)
    -> IngestResponse
  {
    .json(status, ["error": .string(error), "message": .string(message)], retryAfter: retryAfter)
  }

  /// The value a dotted path of plain keys leads to.
  static func find(_ path: [String], in document: Document) -> Int? {
    var index = 0
    for key in path {
      guard document.nodes[index].kind == .object,
        let next = document.children(of: index).last(where: {
          document.key(document.nodes[$0]).elementsEqual(key.utf8)
        })
      else { return nil }
      index = next
    }
    return index
  }
}
