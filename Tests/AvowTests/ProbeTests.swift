import AvowTesting
import Testing

@testable import Avow

@Suite struct ProbeTests {
  @Test(arguments: [
    ("6.1.119-acme-build7", "6.1.119"), ("1.2.3.4", "1.2.3"), ("3.7.13rc1", "3.7.13rc1"), ("v2", "2"),
    ("1.0.0-beta.2", "1.0.0-beta.2"), ("2.1.dev3", "2.1.dev3"), ("12.04.5-LTS", "12.04.5"), ("1.2.", "1.2"),
    ("0.4.2+local", "0.4.2"), ("1.0-alphabet", "1.0"), ("2.0rc12345", "2.0"),
  ])
  func `a version keeps three numbers and a known pre-release`(text: String, kept: String) {
    #expect(VersionText.reduced(text) == kept)
    #expect(VersionText.reduced(kept) == kept)
  }

  @Test func `a version is cut to its precision`() {
    #expect(VersionText.reduced("3.7.13rc1", precision: .major) == "3")
    #expect(VersionText.reduced("3.7.13rc1", precision: .minor) == "3.7")
    for text in ["", "x", "v", ".1", "9999999999.1"] { #expect(VersionText.reduced(text) == nil) }
  }

  @Test(arguments: [
    ("en_US.UTF-8", "en_US"), ("C", nil), ("POSIX", nil), ("pt_BR@euro", "pt_BR"), ("C.UTF-8", nil),
    ("de", "de"),
  ])
  func `a language is what the locale says and no more`(value: String, language: String?) {
    #expect(HostProbe.language(value) == language)
  }

  @Test func `a processor's name keeps the characters its pattern allows`() {
    #expect(
      HostProbe.processorName("  Intel(R) Xeon(R)   CPU @ 2.20GHz/\u{7F} ")
        == "Intel(R) Xeon(R) CPU @ 2.20GHz")
    #expect(HostProbe.processorName("") == nil)
  }

  @Test func `the release file gives the version`() {
    #expect(HostProbe.versionID(Array("NAME=x\nVERSION_ID=\"24.04\"\n".utf8)) == "24.04")
    #expect(HostProbe.versionID(Array("NAME=x\n".utf8)) == nil)
  }

  @Test func `every standard field that a machine knows fits its declared type`() throws {
    let fields = StandardField.allCases.map { Field($0.rawValue, $0.type, unit: $0.unit, source: $0) }
    let probe = HostProbe(
      appVersion: "1.2.3", environment: TelemetryEnvironment(variables: ["LANG": "en_US.UTF-8", "CI": "1"]))
    let bytes = probe.context(fields) { _ in }
    let catalog = Catalog(app: "x", name: "X", version: 1, context: fields)
    let schema = try #require(
      SegmentSchema.bytes(of: catalog).withUnsafeBytes { SegmentSchema(reading: $0) })
    let members = try #require(bytes.withUnsafeBytes { ValueReader.members($0, schema.context) })
    let found = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
    #expect(found["app_version"] == "1.2.3")
    #expect(found["ci_vendor"] == "other")
    #expect(found["language"] == "en_US")
    #expect(try #require(found["cores"]?.integerValue) > 0)
    #expect(try #require(found["memory"]?.integerValue) > 1 << 20)
    for name in ["os_name", "architecture", "os_release", "runtime_version"] { #expect(found[name] != nil) }
    #expect(found["network"] == nil && found["uptime"] == nil)
  }

  @Test func `pseudonyms change with the period, can all be listed, and need the secret`() {
    let start = Timestamp(day: 20_000)
    let pseudonyms = Pseudonyms(created: start)
    let later = Timestamp(day: 20_020)
    for rotation in Catalog.Identity.Rotation.allCases {
      var used: [Identifier128] = []
      for day in 20_000...20_020 {
        let user = pseudonyms.user(rotation, at: Timestamp(day: day))
        if used.last != user { used.append(user) }
      }
      #expect(pseudonyms.all(rotation, until: later) == used)
      #expect(Set(used).count == used.count)
      #expect(Pseudonyms(created: start).user(rotation, at: later) != used.last)
    }
    #expect(pseudonyms.all(.day, until: later).count == 21)
    #expect(pseudonyms.all(.never, until: later).count == 1)
    #expect(Pseudonyms(parsing: pseudonyms.bytes) == pseudonyms)
    #expect(Pseudonyms(parsing: Array("{}".utf8)) == nil)
  }

  @Test func `periods are those of the calendar in UTC`() {
    #expect(Pseudonyms.period(.week, of: Timestamp(day: 4)) == "w4")
    #expect(Pseudonyms.period(.week, of: Timestamp(day: 3)) == "w-3")
    #expect(Pseudonyms.period(.month, of: Timestamp(day: 31)) == "1970-2")
    #expect(Pseudonyms.period(.day, of: Timestamp(milliseconds: -1)) == "d-1")
  }
}
