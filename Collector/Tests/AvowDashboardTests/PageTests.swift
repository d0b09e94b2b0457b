import AvowDashboard
import AvowStore
import AvowWire
import Foundation
import Testing

struct PageTests {
  static let addresses = [
    "/", "/apps/monitor", "/apps/monitor?days=7", "/apps/monitor?days=365&os_name=linux&edition!=cloud",
    "/apps/optimizer", "/apps/monitor/events", "/apps/monitor/events/list_reports?reports_count>=5",
    "/apps/monitor/events/add_snapshot?metrics=ColumnDriftMetric", "/apps/optimizer/events/optimization",
    "/apps/monitor/quality", "/nowhere", "/apps/monitr", "/apps/monitor/events/list_report",
    "/apps/monitor/x", "/apps/monitor/users", "/apps/monitor/users?by=day&os_name=linux",
    "/apps/monitor/versions?of=python_version", "/apps/optimizer/versions", "/apps/monitor/funnel",
    "/apps/monitor/funnel?step=startup&step=index&step=list_reports&within=1%20day",
    "/apps/monitor/numbers?of=list_reports/reports_count&apart=os_name",
    "/apps/optimizer/numbers?apart=optimizations.technique&apart=optimizations.compiler",
  ]

  @Test(arguments: addresses)
  func `every page is well-formed, has unique ids and asks nothing of anyone`(_ address: String) async {
    let page = await Dashboard.sample(quality: Sample.report).page(address)
    let document = Document(page.html)
    #expect(document.fault == nil)
    let ids = document.elements.compactMap { $0.attributes["id"] }
    #expect(ids.count == Set(ids).count)
    #expect(!page.html.contains("http://") && !page.html.contains("https://"))
    #expect(!page.html.contains("@import") && !page.html.contains("url(/"))
    #expect(document.all("script").isEmpty && document.all("img").isEmpty)
    for address in document.addresses {
      #expect(
        address.hasPrefix("/") && !address.hasPrefix("//") || address.hasPrefix("#") || address == "data:,")
    }
    #expect(
      document.elements.allSatisfy {
        $0.attributes["style"] == nil && $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") }
      })
    #expect(document.all("h1").count == 1)
    #expect(document.all("html").first?.attributes["lang"] == "en")
    // Every drawing either names itself or is hidden from those who listen.
    for drawing in document.all("svg") where drawing.attributes["aria-hidden"] != "true" {
      #expect(
        drawing.attributes["role"] == "img" || drawing.path.contains("svg") || drawing.path.contains("td"))
    }
    for id in document.elements.compactMap({ $0.attributes["aria-labelledby"] }).flatMap({
      $0.split(separator: " ")
    }) {
      #expect(ids.contains(String(id)))
    }
  }

  @Test func `every link inside the dashboard leads to a page`() async {
    let dashboard = Dashboard.sample(quality: Sample.report)
    var seen: Set<String> = ["/"]
    var waiting = ["/"]
    var visited = 0
    while let address = waiting.popLast(), visited < 70 {
      visited += 1
      let page = await dashboard.page(address)
      #expect(page.status == 200, "\(address)")
      for link in Document(page.html).all("a").compactMap({ $0.attributes["href"] })
      where !link.hasPrefix("/catalog/") && !link.hasPrefix("#") && seen.insert(link).inserted {
        waiting.append(link)
      }
    }
    #expect(visited == 70)
  }

  @Test func `the stylesheet is the one the policy permits`() async throws {
    let page = await Dashboard.sample().page("/")
    let start = try #require(page.html.range(of: "<style>")).upperBound
    let end = try #require(page.html.range(of: "</style>")).lowerBound
    let hash = Data(SHA256.hash(page.html[start..<end].utf8)).base64EncodedString()
    #expect(Dashboard.contentSecurityPolicy.contains("style-src 'sha256-\(hash)'"))
    #expect(Dashboard.contentSecurityPolicy.hasPrefix("default-src 'none'"))
  }

  @Test func `text and marks contrast enough in both palettes`() async throws {
    let html = await Dashboard.sample().page("/").html
    let palettes = html.matches(of: /:root\{(?:color-scheme:light dark;)?(--paper[^}]*)\}/).map { match in
      Dictionary(
        uniqueKeysWithValues: match.1.split(separator: ";").map { pair in
          (String(pair.prefix { $0 != ":" }.dropFirst(2)), String(pair.drop { $0 != ":" }.dropFirst(2)))
        })
    }
    #expect(palettes.count == 2)
    for palette in palettes {
      func contrast(_ a: String, _ b: String) throws -> Double {
        let (x, y) = (Self.luminance(try #require(palette[a])), Self.luminance(try #require(palette[b])))
        return (max(x, y) + 0.05) / (min(x, y) + 0.05)
      }
      for back in ["paper", "card"] {
        for text in ["ink", "soft", "accent", "warn"] {
          #expect(try contrast(text, back) >= 4.5, "\(text) on \(back)")
        }
        #expect(try contrast("column", back) >= 3)
      }
      #expect(try contrast("accent", "tint") >= 4.5)
      #expect(try contrast("ink", "tint") >= 4.5)
    }
  }

  private static func luminance(_ hex: String) -> Double {
    let value = Int(hex, radix: 16) ?? 0
    let parts = [16, 8, 0].map { shift -> Double in
      let part = Double(value >> shift & 255) / 255
      return part <= 0.040_45 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  @Test func `nothing a catalog or a client says becomes markup`() async {
    let evil = "<script>alert('x')</script>\"&\u{0}\u{202E}"
    var catalog = Sample.monitor
    catalog.name = evil
    catalog.purpose = evil
    catalog.questions = [evil, "How many people \(evil)?"]
    catalog.reportingZone = evil
    for index in catalog.events.indices {
      catalog.events[index].description = evil
      catalog.events[index].why = evil
      catalog.events[index].note = evil
      for place in catalog.events[index].properties.indices {
        catalog.events[index].properties[place].description = evil
        catalog.events[index].properties[place].unit = evil
      }
    }
    let store = GeneratedStore(catalogs: [catalog], today: Sample.today)
    let report = QualityReport(
      stored: 1,
      lines: [
        .init(
          .removed, event: evil, field: evil, reason: evil, count: 3, appVersion: evil,
          first: Timestamp(day: 1), last: Timestamp(day: 2))
      ])
    let dashboard = Dashboard.sample(
      catalogs: [catalog],
      ask: { question in
        if case .distribution = question.subject, question.event == nil {
          throw StoreError.unanswerable(evil)
        }
        var answer = try await store.ask(question)
        for index in answer.series.indices where answer.series[index].key.count == 1 && index > 0 {
          answer.series[index].key = [evil]
        }
        return answer
      }, quality: report)
    let escaped = Scope.encode(evil)
    for address in [
      "/", "/apps/monitor?os_version=\(escaped)&\(escaped)=1&since=\(escaped)&days=\(escaped)",
      "/apps/monitor/events",
      "/apps/monitor/events/list_reports", "/apps/monitor/quality", "/apps/monitor/users",
      "/apps/monitor/versions?of=\(escaped)", "/apps/monitor/funnel?step=\(escaped)&within=\(escaped)",
      "/apps/monitor/numbers?of=\(escaped)&apart=\(escaped)", "/\(evil)", "/apps/\(evil)",
      "/apps/monitor/events/\(evil)",
    ] {
      let html = await dashboard.page(address).html
      #expect(Document(html).fault == nil, "\(address)")
      #expect(!html.contains("<script") && !html.contains("alert('x')"))
      #expect(html.contains("&lt;script&gt;"))
      #expect(!html.unicodeScalars.contains("\u{202E}"))
    }
  }

  private enum Scope {
    static func encode(_ text: String) -> String {
      text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
  }

  @Test func `what is not there is said with the way to what is`() async {
    let dashboard = Dashboard.sample()
    let event = await dashboard.page("/apps/monitor/events/list_report")
    #expect(event.status == 404)
    #expect(Document(event.html).addresses.contains("/apps/monitor/events/list_reports"))
    let app = await dashboard.page("/apps/monitr")
    #expect(app.status == 404)
    #expect(Document(app.html).addresses.contains("/apps/monitor"))
    #expect(await dashboard.page("/apps/monitor/events/startup/x").status == 404)
    #expect(await dashboard.page("/apps").location == "/")
    #expect(await dashboard.page("/apps/monitor/").status == 200)
  }

  @Test func `a collector without catalogs says what to do`() async {
    let page = await Dashboard.sample(catalogs: []).page("/")
    #expect(page.status == 200)
    #expect(page.html.contains("avow serve --catalog"))
  }

  @Test func `quality lists counts by outcome, most first, and says when nothing was counted`() async {
    let page = await Dashboard.sample(quality: Sample.report).page("/apps/monitor/quality")
    let rows = Document(page.html).all("table", class: "lines").map(\.text)
    #expect(rows.count == 5)
    #expect(rows[0].contains("get_model–unknown event0.4.1214"))
    #expect(rows[1].contains("user_email"))
    #expect(await Dashboard.sample().page("/apps/monitor/quality").html.contains("Nothing has been counted"))
    #expect(
      await Dashboard.sample(quality: QualityReport(stored: 5)).page("/apps/monitor/quality").html.contains(
        "was kept"))
  }
}
