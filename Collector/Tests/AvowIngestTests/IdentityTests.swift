import AvowIngest
import AvowWire
import Testing

struct IdentityTests {
  private func catalog(_ identity: String) throws -> Catalog {
    try World.catalog(
      text: Demo.text.replacing(
        "identity: {user: installation, rotate: never, session: process}", with: "identity: \(identity)"))
  }

  private func ingest(
    _ identity: String, pepper: [UInt8] = World.pepper, erased: ErasedMarks = ErasedMarks()
  ) throws -> Ingest {
    try Ingest(
      catalogs: [catalog(identity)], pepper: pepper, quarantine: Quarantine(), erased: erased
    ) { World.keys[$0] }
  }

  private func entry(
    _ ingest: Ingest, user: String, session: String = "null", received: Timestamp = World.received
  ) throws -> EventBatch.Entry {
    let body =
      #"{"api_key":"demo_key","events":[{"event_type":"$page","user_id":\#(user),"session_id":\#(session)}]}"#
    return try #require(
      ingest.receive(World.post("/2/httpapi", body, received: received)).events.first?.entry)
  }

  @Test func `a pseudonym depends on pepper, app and id and never shows the id`() throws {
    let plain = try ingest("{user: installation, rotate: never, session: process}")
    let other = try ingest(
      "{user: installation, rotate: never, session: process}", pepper: Array(repeating: 1, count: 32))
    let first = try entry(plain, user: #""ada""#).user
    #expect(first != nil)
    #expect(try entry(plain, user: #""ada""#).user == first)
    #expect(try entry(plain, user: #""bob""#).user != first)
    #expect(try entry(other, user: #""ada""#).user != first)
  }

  @Test func `a session is bound to its user`() throws {
    let ingest = try ingest("{user: installation, rotate: never, session: process}")
    let ada = try entry(ingest, user: #""ada""#, session: "5")
    let bob = try entry(ingest, user: #""bob""#, session: "5")
    #expect(ada.session != nil && ada.session != bob.session)
    #expect(try entry(ingest, user: #""ada""#, session: "-1").session == nil)
  }

  @Test(arguments: [
    #""""#, "null", "0", #""-1""#, #""anonymous""#, #""Unknown""#, #""00000000-0000-0000-0000-000000000000""#,
    "true", "[]",
  ])
  func `an id that stands for nobody is none`(_ id: String) throws {
    #expect(try entry(ingest("{user: installation, rotate: never, session: process}"), user: id).user == nil)
  }

  @Test func `a catalog without users or sessions keeps none`() throws {
    let entry = try entry(ingest("{user: none, rotate: never, session: none}"), user: #""ada""#, session: "5")
    #expect(entry.user == nil && entry.session == nil)
  }

  @Test(arguments: [
    ("day", "2026-11-22T00:00:00Z"), ("week", "2026-11-23T00:00:00Z"), ("month", "2026-12-01T00:00:00Z"),
    ("year", "2027-01-01T00:00:00Z"),
  ])
  func `rotation gives a foreign id a new pseudonym in each period, and all of them can be listed`(
    _ rotation: String, _ next: String
  ) throws {
    let ingest = try ingest("{user: installation, rotate: \(rotation), session: process}")
    let boundary = try #require(Timestamp(iso8601: next))
    let before = try entry(
      ingest, user: #""ada""#, received: Timestamp(milliseconds: boundary.milliseconds - 1)
    ).user
    let after = try entry(ingest, user: #""ada""#, received: boundary).user
    #expect(before != nil && before != after)
    let history = try catalog("{user: installation, rotate: \(rotation), session: process}").history
    let listed = ingest.names(of: "ada", in: history, at: boundary).pseudonyms
    #expect(Set(listed).isSuperset(of: [try #require(before), try #require(after)]))
    #expect(Set(listed).count == listed.count)
    let longAgo = try entry(
      ingest, user: #""ada""#, received: Timestamp(milliseconds: boundary.milliseconds - 395 * 86_400_000)
    ).user
    #expect(listed.contains(try #require(longAgo)))
  }

  @Test func `a native user is found however he writes his identifier`() throws {
    let identity = "{user: installation, rotate: day, session: process}"
    let ingest = try ingest(identity)
    let body =
      #"{"segment":"00112233445566778899aabb","user":"0123456789abcdef0123456789abcdef","events":[{"n":1,"name":"page_view"}]}"#
    let user = try #require(
      ingest.receive(World.post("/v1/events", body, headers: [("authorization", "Bearer demo_key")])).events
        .first?.entry.user)
    let quoted = ingest.names(
      of: " 01234567-89AB-CDEF-0123-456789ABCDEF\n", in: try catalog(identity).history, at: World.received)
    #expect(quoted.pseudonyms.contains(user))
    #expect(
      ingest.nativePseudonym(
        app: "demo", user: Identifier128(high: 0x0123_4567_89ab_cdef, low: 0x0123_4567_89ab_cdef)) == user)
  }

  @Test(arguments: [
    "a  b", " padded ", "tab\tbed", "line\nbroken", "no\u{A0}break", "ada@x y", "\u{FEFF}mark",
  ])
  func `an identifier is found as it was sent, whatever white space is in it`(_ id: String) throws {
    let identity = "{user: installation, rotate: month, session: process}"
    let ingest = try ingest(identity)
    let user = try #require(try entry(ingest, user: JSONValue.string(id).text).user)
    let history = try catalog(identity).history
    #expect(ingest.names(of: id, in: history, at: World.received).pseudonyms.contains(user))
  }

  @Test func `what an older catalog rotated differently is found as well`() throws {
    let monthly = try ingest("{user: installation, rotate: month, session: process}")
    let user = try #require(try entry(monthly, user: #""ada""#).user)
    let identity = "{user: installation, rotate: week, session: process}"
    var history = try catalog(identity).history
    let ingest = try ingest(identity)
    #expect(!ingest.names(of: "ada", in: history, at: World.received).pseudonyms.contains(user))
    history.add(try catalog("{user: installation, rotate: month, session: process}"))
    #expect(ingest.names(of: "ada", in: history, at: World.received).pseudonyms.contains(user))
  }

  @Test(arguments: ["day", "week", "month", "year"])
  func `an erased user has one name in all periods to come, which the store keeps out`(_ rotation: String)
    throws
  {
    let identity = "{user: installation, rotate: \(rotation), session: process}"
    let erased = ErasedMarks()
    let ingest = try ingest(identity, erased: erased)
    let names = ingest.names(of: "ada", in: try catalog(identity).history, at: World.received)
    erased.insert(names.marks)
    for years in [1, 2] {
      let received = Timestamp(milliseconds: World.received.milliseconds + Int64(years) * 366 * 86_400_000)
      let ada = try #require(try entry(ingest, user: #""ada""#, received: received).user)
      let bob = try #require(try entry(ingest, user: #""bob""#, received: received).user)
      #expect(names.marks == [ada] && bob != ada)
    }
  }

  @Test func `a retry has the same event identifier and time as sent, whenever it comes`() throws {
    let ingest = try ingest("{user: installation, rotate: never, session: process}")
    func send(_ received: Timestamp) throws -> EventBatch.Entry {
      let body =
        #"{"writeKey":"demo_key","batch":[{"type":"page","messageId":"m-1","timestamp":"2026-11-21T11:00:00Z"}],"sentAt":"2026-11-21T11:00:01Z"}"#
      return try #require(
        ingest.receive(World.post("/v1/batch", body, received: received)).events.first?.entry)
    }
    let first = try send(World.received)
    let second = try send(Timestamp(milliseconds: World.received.milliseconds + 90_000))
    #expect(first.id == second.id && first.id != nil)
    #expect(first.sentTime == second.sentTime)
    #expect(first.time != second.time)
  }
}
