import AvowIngest
import AvowWire
import Testing

/// Log records in both encodings.
struct OTLPTests {
  private let quarantine = Quarantine()
  private let ingest: Ingest

  init() throws { ingest = try World.ingest([Demo.catalog()], quarantine: quarantine) }
  private static let protobuf = ("content-type", "application/x-protobuf")

  private func send(_ body: [UInt8], type: (String, String) = protobuf, key: String? = "demo_key") -> Received
  {
    var headers = [type]
    if let key { headers.append(("x-api-key", key)) }
    var request = World.post("/v1/logs", "", headers: headers)
    request.body = body
    return ingest.take(request)
  }

  /// A request with one resource and these records.
  private static func request(
    service: String = "2.1", _ records: [(inout ProtobufWriter) -> Void]
  ) -> [UInt8] {
    ProtobufWriter { request in
      request.message(1) { logs in
        // The resource stands behind the records, which the wire format permits.
        logs.message(2) { scope in
          scope.message(1) { $0.text(1, "scope") }
          for record in records { scope.message(2, record) }
        }
        logs.message(1) { resource in
          resource.pair(1, "service.version") { $0.text(1, service) }
          resource.pair(1, "os.type") { $0.text(1, "darwin") }
        }
      }
    }.bytes
  }

  private static func run(_ record: inout ProtobufWriter) {
    record.fixed64(1, 1_795_262_000_000_000_000)
    record.varint(2, 9)
    record.text(3, "INFO")
    record.message(5) { body in
      body.message(6) { list in list.pair(1, "note") { $0.text(1, "grüß 😀") } }
    }
    record.pair(6, "count") { $0.varint(3, UInt64(bitPattern: -7)) }
    record.pair(6, "cached") { $0.varint(2, 1) }
    record.pair(6, "$price") { $0.fixed64(4, (1.25).bitPattern) }
    record.pair(6, "tags") { value in
      value.message(5) { list in
        list.message(1) { $0.text(1, "a") }
        list.message(1) { $0.text(1, "c") }
      }
    }
    record.pair(6, "label") { _ in }
    record.pair(6, "user.id") { $0.text(1, "u1") }
    record.pair(6, "session.id") { $0.text(1, "s1") }
    record.pair(6, "odd") { $0.block(7, [1, 2]) }
    record.fixed32(8, 1)
    record.block(9, [UInt8](repeating: 1, count: 16))
    record.fixed64(11, 1_795_262_000_000_000_001)
    record.text(12, "demo.tool.run")
    record.text(1999, "a field of a later version")
  }

  @Test func `protobuf gives what JSON gives`() throws {
    let received = send(Self.request([Self.run]))
    let event = try #require(received.events.first)
    #expect(event.event == "tool_run")
    #expect(
      event.properties == [
        "count": -7, "cached": true, "price": 1.25, "tags": ["a", "c"], "note": "grüß 😀",
      ])
    #expect(event.context == ["app_version": "2.1", "os_name": "macos"])
    #expect(event.entry.time == Timestamp(milliseconds: 1_795_262_000_000))
    #expect(event.entry.user != nil && event.entry.session != nil && event.entry.id != nil)
    #expect(received.answer == IngestResponse(status: 200, contentType: "application/x-protobuf", body: []))
    #expect(quarantine.snapshot().map(\.field) == ["odd"])
    let json = """
      {"resourceLogs":[{"resource":{"attributes":[{"key":"service.version","value":{"stringValue":"2.1"}}]},
       "scopeLogs":[{"logRecords":[{"timeUnixNano":"1795262000000000000","eventName":"demo.tool.run",
        "attributes":[{"key":"user.id","value":{"stringValue":"u1"}},{"key":"count","value":{"intValue":"-7"}}]}]}]}]}
      """
    let other = send(Array(json.utf8), type: ("content-type", "application/json"))
    #expect(other.events.first?.entry.user == event.entry.user)
    #expect(other.events.first?.entry.time == event.entry.time)
    #expect(other.events.first?.properties == ["count": -7])
  }

  @Test func `refused records are counted in the answer's own encoding`() throws {
    let received = send(
      Self.request([Self.run, { $0.text(12, "nope") }, { $0.text(12, "nay") }]))
    #expect(received.events.count == 1)
    let message = "these records name no event that the catalog declares"
    let expected = ProtobufWriter { response in
      response.message(1) { partial in
        partial.varint(1, 2)
        partial.text(2, message)
      }
    }
    #expect(received.answer?.body == expected.bytes)
    #expect(received.answer?.status == 200)
  }

  @Test func `an empty request is a success and an error is a status in protobuf`() throws {
    #expect(send([]).answer?.status == 200)
    let broken = try #require(send([0x0A, 0x7F, 0x00]).answer)
    #expect(broken.status == 400 && broken.contentType == "application/x-protobuf")
    #expect(
      broken.body
        == ProtobufWriter { status in
          status.varint(1, 3)
          status.text(2, "the body ends too early at byte 2")
        }.bytes)
    let keyless = try #require(send([], key: nil).answer)
    #expect(keyless.status == 401 && keyless.body.starts(with: [0x08, 16, 0x12]))
  }

  @Test func `a record is known again by its bytes, and equal ones of a request are not one`() throws {
    let same: (inout ProtobufWriter) -> Void = { $0.text(12, "$page") }
    let body = Self.request([same, same, Self.run])
    let first = send(body).events.map(\.entry.id)
    #expect(Set(first).count == 3 && !first.contains(nil))
    #expect(send(body).events.map(\.entry.id) == first)
    // Another installation's record of the same moment is another event.
    #expect(Set(send(Self.request(service: "2.2", [same])).events.map(\.entry.id)).isDisjoint(with: first))
    let named: (inout ProtobufWriter) -> Void = { record in
      record.text(12, "$page")
      record.pair(6, "log.record.uid") { $0.text(1, "uid-1") }
    }
    let uids = send(Self.request([named])).events.map(\.entry.id)
    #expect(send(Self.request(service: "3", [named])).events.map(\.entry.id) == uids)
  }

  @Test func `an unknown time is the time of observation, and after that of receipt`() throws {
    let received = send(
      Self.request([
        { record in
          record.fixed64(1, 0)
          record.fixed64(11, 1_795_262_000_000_000_000)
          record.text(12, "$page")
        }, { $0.text(12, "$page") },
      ]))
    #expect(
      received.events.map(\.entry.time) == [Timestamp(milliseconds: 1_795_262_000_000), World.received])
    let json =
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"0","observedTimeUnixNano":"1795262000000000000","eventName":"$page"}]}]}]}"#
    let other = send(Array(json.utf8), type: ("content-type", "application/json"))
    #expect(other.events.map(\.entry.time) == [Timestamp(milliseconds: 1_795_262_000_000)])
    #expect(quarantine.counters()["demo"]?.clock == 0)
  }

  @Test func `mutated messages are answered, and never break a batch`() throws {
    let whole = Self.request([Self.run, Self.run])
    var generator = Seeded(state: 21)
    var accepted = 0
    for _ in 0..<3000 {
      var body = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let at = Int.random(in: 0..<body.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: body.remove(at: at)
        case 1: body.insert(UInt8.random(in: 0...255, using: &generator), at: at)
        case 2: body[at] = UInt8.random(in: 0...255, using: &generator)
        default: body.removeLast(min(body.count - 1, Int.random(in: 1...20, using: &generator)))
        }
      }
      let received = send(body)
      let status = received.answer?.status
      #expect(status == 200 || status == 400)
      accepted += received.events.count
      for event in received.events { _ = event.properties }
    }
    #expect(accepted > 100)
  }

  @Test func `nesting ends at 64 levels here too`() throws {
    func nested(_ depth: Int, _ value: inout ProtobufWriter) {
      if depth == 0 {
        value.text(1, "x")
      } else {
        value.message(5) { $0.message(1) { nested(depth - 1, &$0) } }
      }
    }
    func status(_ depth: Int) -> Int? {
      send(
        Self.request([
          { record in
            record.text(12, "$page")
            record.pair(6, "tags") { nested(depth, &$0) }
          }
        ])
      ).answer?.status
    }
    #expect(status(60) == 200)
    #expect(status(70) == 400)
  }
}
