import AvowIngest
import AvowWire
import Testing

/// An event that comes back from an export brings the network its sender had then.
struct ImportNetworkTests {
  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.0/24"), ("2001:db8:1::/48", "2001:db8:1::/48"),
    // Whoever wrote the file: no address gets in whole.
    ("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::77", "2001:db8:1::/48"), ("home", nil), ("", nil),
  ])
  func `a network is taken as it was reduced, an address is reduced, all else removed`(
    _ written: String, _ taken: String?
  ) throws {
    let ingest = try World.all()
    let line =
      #"{"id":"00112233445566778899aabb00000001","event":"list_reports","time":"2026-11-20T10:00:00Z","received":"2026-11-20T10:00:01Z","context":{"source_ip":"\#(written)"},"properties":{"reports_count":1}}"#
    guard
      case .event(let batch, let removed) = ingest.read(
        importing: Array(line.utf8), app: "evidently", format: .avow, now: World.received)
    else {
      Issue.record("the event was refused")
      return
    }
    let event = try #require(Admitted.list(batch).first)
    #expect(event.context["source_ip"]?.stringValue == taken)
    #expect(removed.count == (taken == nil ? 1 : 0))
  }
}
