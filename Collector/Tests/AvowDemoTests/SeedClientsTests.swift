import AvowDemo
import AvowWire
import Testing

/// The requests are read back here with nothing but a JSON parser, apart from the code that wrote them.
struct SeedClientsTests {
  private static let clients = SeedClients(
    seed: 7, keys: ["blindai": "wk_b", "evidently": "wk_e"], firstDay: 20_000)
  private static let all = (0..<clients.days).flatMap { clients.requests(day: $0) }

  @Test func `the same seed gives the same bytes and another seed others`() {
    let again = SeedClients(seed: 7, keys: Self.clients.keys, firstDay: 20_000).requests(day: 30)
    #expect(again.map(\.body) == Self.clients.requests(day: 30).map(\.body))
    let other = SeedClients(seed: 8, keys: Self.clients.keys, firstDay: 20_000).requests(day: 30)
    #expect(other.map(\.body) != again.map(\.body))
  }

  @Test func `sixty days are a few thousand events that grow and rest at weekends`() {
    let total = Self.all.reduce(0) { $0 + $1.events }
    #expect((2_500...8_000).contains(total))
    for app in SeedClients.apps {
      let mine = Self.all.filter { $0.app == app }
      #expect(mine.reduce(0) { $0 + $1.events } > 200, "\(app) says too little")
      let early = mine.filter { $0.time.day < 20_020 }.count
      #expect(mine.filter { $0.time.day >= 20_040 }.count > early, "\(app) does not grow")
    }
    // 1970-01-01 was a Thursday.
    let weekend = Self.all.filter { ($0.time.day + 3) % 7 >= 5 }.count
    #expect(Double(weekend) / 2 < 0.7 * Double(Self.all.count - weekend) / 5)
  }

  @Test func `every day's requests lie within that day and in the order of the clock`() {
    for day in [0, 13, 59] {
      let times = Self.clients.requests(day: day).map(\.time)
      #expect(times == times.sorted())
      #expect(times.allSatisfy { $0.day == 20_000 + day })
    }
  }

  @Test func `every generation of every client is among them`() {
    let generations = Set(Self.clients.samples().map { "\($0.app) \($0.generation)" })
    #expect(
      generations == [
        "blindai 0.1.0", "blindai 0.3.0", "blindai 0.4.1", "blindai 0.5.0", "blindai 0.6.3",
        "jina 3.7.13", "jina 3.34.0", "speedster nebullvm 0.6.0", "speedster 0.1.0", "speedster 0.4.0",
        "evidently 0.4.0, iterative-telemetry 0.0.5", "evidently 0.4.2, iterative-telemetry 0.0.10",
        "evidently 0.4.4, iterative-telemetry 0.0.10", "evidently 0.4.11, iterative-telemetry 0.0.10",
        "evidently rows of Jitsu",
      ])
  }

  @Test func `a body holds as many events as the request says`() throws {
    for request in Self.all {
      let document = try Self.document(of: request)
      let events = document["events"]?.arrayValue ?? document.arrayValue ?? [document]
      #expect(events.count == request.events + request.dropped + request.refused + request.duplicates)
      let doubled = events.count { $0["event_type"]?.stringValue?.hasPrefix("client_") == true }
      #expect(doubled == request.dropped)
    }
  }

  @Test func `secrets are in the bodies that name them`() throws {
    for request in Self.clients.samples() {
      let text = try Self.document(of: request).text
      #expect(!request.secrets.isEmpty || request.app == "speedster")
      // A network card's address stands there as a number and inside an identifier, never as such.
      for secret in request.secrets where !secret.contains(":") {
        #expect(text.contains(secret), "\(request.app): a secret is not sent")
      }
    }
  }

  @Test func `keys stand where each client puts them`() throws {
    for request in Self.all {
      let token = request.query.first { $0.name == "token" }?.value
      let key = try Self.document(of: request)["api_key"]?.stringValue
      switch (request.app, request.generation) {
      case ("evidently", "rows of Jitsu"): #expect(token == "wk_e")
      case ("evidently", _):
        #expect(request.target == "/api/v1/s2s/event?ip_policy=strict&token=wk_e")
      case ("blindai", "0.1.0"), ("blindai", "0.3.0"):
        #expect(key == "wk_b")
        #expect(request.target == "/2/httpapi")
      default:
        #expect(token == nil)
        #expect(key == nil)
      }
    }
  }

  @Test func `Jina's session identifier ends in the number it calls a hashed user`() throws {
    let jina = Self.all.filter { $0.app == "jina" }
    #expect(!jina.isEmpty)
    for request in jina {
      #expect(request.headers.contains { $0 == ("Content-Type", "application/x-www-form-urlencoded") })
      #expect(request.body.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") })
      let document = try Self.document(of: request)
      let session = try #require(document["session-id"]?.stringValue)
      let node = try #require(document["uid"]?.integerValue)
      #expect(session.hasSuffix("-" + String(node, radix: 16)))
      #expect(node > 1 << 32 && node < 1 << 48)
      #expect(Array(session)[14] == "1")
    }
  }

  @Test(arguments: [
    (
      "evidently 0.4.0, iterative-telemetry 0.0.5",
      #"{"interface": "service_backend", "action": "startup", "error": null, "extra": {}, "tool_name": "evidently", "tool_version": "0.4.0", "os_name": "#
    ),
    (
      "evidently 0.4.2, iterative-telemetry 0.0.10",
      #"{"interface": "service_backend", "action": "startup", "error": null, "extra": {}, "python_version": {"major": 3, "minor": "#
    ),
    ("blindai 0.1.0", #"{"api_key":"wk_b","events":[{"user_id":"#),
    ("speedster 0.1.0", #"{"nebullvm_version": "0.7.3", "app_version": "0.1.0", "model_id": ""#),
    (
      "speedster 0.4.0",
      #"{"nebullvm_version": "0.10.0", "app_version": "0.4.0", "optimizations": [{"compiler": "#
    ),
    ("speedster nebullvm 0.6.0", #"{"model_id": ""#),
  ])
  func `keys come in the client's own order`(generation: String, start: String) throws {
    let request = try #require(
      Self.all.first { "\($0.app) \($0.generation)" == generation })
    #expect(String(decoding: request.body, as: UTF8.self).hasPrefix(start))
  }

  @Test func `BlindAI's times are seconds, its unknown values explicit nulls`() throws {
    let started = try #require(
      Self.all.first { $0.app == "blindai" && $0.generation == "0.6.3" && $0.events == 1 })
    let event = try #require(try Self.document(of: started).arrayValue?.first)
    #expect(event["event_type"] == "started")
    #expect(event["user_properties"]?["client_uid"] == .null)
    #expect(event["event_properties"] == ["Started": [:]])
    let time = try #require(event["time"]?.integerValue)
    #expect(Timestamp(milliseconds: time * 1000).day == started.time.day)
    #expect(started.path == "/blindai")
  }

  @Test func `rows taken over from Jitsu arrive twice with the same bytes`() throws {
    let rows = Self.all.filter { $0.generation == "rows of Jitsu" }
    #expect(rows.count == 2)
    #expect(rows.first?.body == rows.last?.body)
    #expect(rows.map(\.duplicates) == [0, 24])
  }

  /// The body as a document, base64 undone by the test's own decoder.
  private static func document(of request: ForeignRequest) throws -> JSONValue {
    guard request.app == "jina" else { return try JSONValue(parsing: request.body) }
    var bytes: [UInt8] = []
    var word = 0
    var bits = 0
    for byte in request.body where byte != UInt8(ascii: "=") {
      let digit: Int =
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) + 4
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: throw JSONError("not base64", at: bytes.count)
        }
      word = word << 6 | digit
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(word >> bits & 255))
      }
    }
    return try JSONValue(parsing: bytes)
  }
}
