/// The one part of a `multipart/form-data` body (RFC 7578) that matters here: the file.
enum Multipart {
  /// The bytes of the part called `file`, inflated when the request says they are compressed; `nil` when there
  /// is no such part.
  static func file(_ request: IngestRequest) -> [UInt8]? {
    guard let boundary = boundary(request.header("content-type") ?? "") else { return nil }
    guard let part = part(named: "file", in: request.body, boundary: Array("--\(boundary)".utf8)) else {
      return nil
    }
    guard part.starts(with: [0x1F, 0x8B]) else { return Array(part) }
    return request.inflate?(Array(part))
  }

  private static func boundary(_ type: String) -> String? {
    guard type.lowercased().hasPrefix("multipart/form-data") else { return nil }
    for parameter in type.split(separator: ";").dropFirst() {
      let pair = parameter.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].lowercased() == "boundary" else { continue }
      let value = pair[1].filter { $0 != "\"" }
      return value.isEmpty ? nil : value
    }
    return nil
  }

  private static func part(named name: String, in body: [UInt8], boundary: [UInt8]) -> ArraySlice<UInt8>? {
    var at = find(boundary, in: body[...])
    while let start = at {
      let rest = body[(start + boundary.count)...]
      guard let headEnd = find(Array("\r\n\r\n".utf8), in: rest) else { return nil }
      let next = find(Array("\r\n".utf8) + boundary, in: body[(headEnd + 2)...])
      let head = String(decoding: rest[rest.startIndex..<headEnd], as: UTF8.self)
      if head.contains("name=\"\(name)\"") || head.contains("name=\(name)") {
        let first = headEnd + 4
        return body[first..<max(first, next ?? body.count)]
      }
      at = next.map { $0 + 2 }
    }
    return nil
  }

  private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= needle.count else { return nil }
    return bytes.withUnsafeBufferPointer { bytes -> Int? in
      var index = 0
      while index + needle.count <= bytes.count {
        if bytes[index] == needle[0], needle.indices.allSatisfy({ bytes[index + $0] == needle[$0] }) {
          return index
        }
        index += 1
      }
      return nil
    }.map { $0 + bytes.startIndex }
  }
}
