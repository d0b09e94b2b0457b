import AvowDemo
import AvowWire
import Glibc
import Testing

/// The built collector and the four real clients' requests.
@Suite(.serialized)
struct SeedSystemsTests {
  private static let today = Timestamp(milliseconds: 1_000 * Int64(time(nil))).day

  @Test func `every generation's events are stored once and nothing personal with them`() throws {
    let collector = try BuiltCollector()
    try collector.start()
    let keys = try collector.keys()
    let clients = SeedClients(seed: 11, keys: keys, firstDay: Self.today - 59)
    // An address that no other part of the machine uses, so that finding it means it was kept.
    let source = "127.83.29.171"
    let connection = LoopbackClient(port: collector.port, from: source)
    var ledger = DemoLedger()
    let samples = clients.samples()
    #expect(Set(samples.map(\.app)) == Set(SeedClients.apps))
    for request in samples {
      let answer = try connection.send(request)
      #expect(answer.status == request.status, "\(request.app) \(request.generation): \(answer.text)")
      ledger.note(request, status: answer.status)
    }
    for app in SeedClients.apps {
      let lines = try collector.export(app)
      #expect(lines.count == ledger[app].stored, "\(app)")
      for line in lines {
        #expect(line["event"]?.stringValue != nil)
        #expect(line["received"]?.stringValue.flatMap { Timestamp(iso8601: $0) } != nil)
        #expect(line["context"]?.objectValue != nil)
        #expect(line["properties"]?.objectValue != nil)
      }
    }
    #expect(collector.terminate() == 0)
    let files = Files.all(in: collector.folder)
    #expect(files.contains { $0.hasPrefix(collector.data) })
    #expect(ledger.secrets.count > 10)
    for path in files {
      let bytes = Files.bytes(path)
      for secret in ledger.secrets.union([source]) where Files.contains(bytes, secret) {
        Issue.record("a secret stands in \(path.dropFirst(collector.folder.count))")
      }
    }
    // A search that finds nothing must be able to find something.
    #expect(files.contains { Files.contains(Files.bytes($0), "optimization") })
  }

  @Test func `values come back as the page of each tool says`() throws {
    let collector = try BuiltCollector()
    try collector.start()
    let keys = try collector.keys()
    let clients = SeedClients(seed: 5, keys: keys, firstDay: Self.today - 59)
    let connection = LoopbackClient(port: collector.port)
    let requests = (12..<32).flatMap { clients.evidently(day: $0) }.filter {
      $0.generation.hasPrefix("0.4.2")
    }
    #expect(requests.count > 5)
    var counts: [Int64: Int] = [:]
    for request in requests {
      #expect(try connection.send(request).status == 200)
      let body = try JSONValue(parsing: request.body)
      if let count = body["extra"]?["reports_count"]?.integerValue { counts[count, default: 0] += 1 }
    }
    let lines = try collector.export("evidently")
    var stored: [Int64: Int] = [:]
    for line in lines where line["event"] == "list_reports" {
      stored[try #require(line["properties"]?["reports_count"]?.integerValue), default: 0] += 1
    }
    #expect(stored == counts)
    let users = Set(lines.compactMap { $0["user"]?.stringValue })
    #expect(users.count == Set(requests.flatMap(\.secrets)).count)
    #expect(lines.allSatisfy { $0["context"]?["app_version"] == "0.4.2" })
  }
}
