/// The requests of the measurement: bodies as the native client sends them, made before the clock runs.
struct Load {
  let key: String
  /// How many events a body has.
  let eventsPerBody: Int

  /// Users: 20 a body of 100 000, in turn.
  private static let users = 100_000

  /// Writes request number `number` into `buffer` and returns it whole, head and body.
  func request(_ number: Int) -> [UInt8] {
    var body: [UInt8] = []
    body.reserveCapacity(eventsPerBody * 330 + 512)
    func put(_ text: StaticString) {
      text.withUTF8Buffer { body.append(contentsOf: $0) }
    }
    func put(_ value: Int) { body.append(contentsOf: String(value).utf8) }
    let now = Clock.milliseconds()
    // A native request has one user: the twenty of a body come as a foreign format brings them.
    put("{\"batch\":[")
    for index in 0..<eventsPerBody {
      let event = number &* eventsPerBody &+ index
      let user = (number &* 20 &+ index % 20) % Self.users
      if index > 0 { put(",") }
      put("{\"type\":\"track\",\"event\":\"run_model\",\"messageId\":\"m-")
      put(event)
      put("\",\"anonymousId\":\"user-")
      put(user &* 7919 &+ 1_000_000)
      put("\",\"timestamp\":")
      put(now)
      put(",\"properties\":{\"model_name\":\"")
      body.append(contentsOf: Self.names[event % Self.names.count].utf8)
      put("\",\"platform\":\"")
      body.append(contentsOf: Self.platforms[event % Self.platforms.count].utf8)
      put("\",\"backend\":\"")
      body.append(contentsOf: Self.backends[event % Self.backends.count].utf8)
      put("\",\"duration\":")
      put(event &* 31 % 9000)
      put(",\"rows\":")
      put(event &* 17 % 100_000)
      put(",\"score\":0.")
      put(100 + event % 899)
      put(",\"cached\":")
      if event.isMultiple(of: 3) { put("true") } else { put("false") }
      put(",\"retries\":")
      put(event % 5)
      put("}}")
    }
    put("],\"sentAt\":")
    put(now)
    put("}")
    let head =
      "POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Write-Key: \(key)\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
    return Array(head.utf8) + body
  }

  private static let names = (0..<40).map { "classifier-network-\($0)".padded(to: 14 + $0 % 17) }
  private static let platforms = ["linux-x86_64-generic", "macos-arm64-m3max", "windows-11-amd64-pc"]
  private static let backends = ["tensorrt-8-6-fp16", "onnxruntime-cpu-only", "torchscript-optimised"]

  /// The catalog the collector under test runs with.
  static let catalog = """
    avow: 1
    app: bench
    name: Bench
    version: 1
    purpose: To measure.
    delivery: {key: wk_x}
    context: {app_version: {why: x}}
    accepts:
      - format: segment
    events:
      run_model:
        description: A model ran.
        why: x
        expires: never
        properties:
          model_name: {type: text, pattern: "[a-z0-9-]{1,40}", description: x}
          platform: {type: text, pattern: "[a-z0-9_-]{1,40}", description: x}
          backend: {type: text, pattern: "[a-z0-9-]{1,40}", description: x}
          duration: {type: integer, min: 0, description: x}
          rows: {type: integer, min: 0, description: x}
          score: {type: number, min: 0, max: 1, description: x}
          cached: {type: boolean, description: x}
          retries: {type: integer, min: 0, description: x}

    """
}

extension String {
  fileprivate func padded(to length: Int) -> String {
    utf8.count >= length ? String(prefix(length)) : self + String(repeating: "x", count: length - utf8.count)
  }
}
