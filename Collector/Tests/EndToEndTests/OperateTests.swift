import AvowDemo
import AvowWire
import Glibc
import Testing

/// The commands and settings of whoever runs a collector.
@Suite(.serialized)
struct OperateTests {
  private static let event =
    #"{"writeKey":"KEY","batch":[{"type":"track","event":"tool run","messageId":"m1","userId":"ada@example.org","properties":{"mark":1,"note":"mail ada@example.org","home":"/home/ada"}},{"type":"track","event":"read mail","messageId":"m2","userId":"u"}]}"#

  private static func text(_ outcome: HostProcess.Outcome) -> String {
    String(decoding: outcome.output, as: UTF8.self)
  }

  @Test func `status and quarantine tell what became of events, with names and no values`() throws {
    let collector = try BuiltCollector(catalog: SDKEnvironment.catalog)
    try collector.start()
    let key = try collector.key(for: "sdks")
    let body = Array(Self.event.replacing("KEY", with: key).utf8)
    let answer = try LoopbackClient(port: collector.port).send(
      method: "POST", target: "/v1/batch", body: body)
    #expect(answer.status == 200)
    let running = Self.text(try collector.run("status"))
    for word in ["running since", "memory", "last minute", "disk", "free", "pending deletions  0"] {
      #expect(running.contains(word), "\(word) is missing:\n\(running)")
    }
    #expect(running.contains(/sdks +v1 +2 +1 +0 +1 +2 +0/), "\(running)")
    let quarantine = Self.text(try collector.run("quarantine", "sdks"))
    #expect(quarantine.contains("note") && quarantine.contains("home") && quarantine.contains("email"))
    #expect(!quarantine.contains("ada") && !quarantine.contains("mail ada"))

    let signIn = Self.text(try collector.run("sign-in")).filter { !$0.isNewline }
    let base = "http://127.0.0.1:\(collector.port)"
    #expect(signIn.hasPrefix(base + "/sign-in?code="))
    #expect(
      try LoopbackClient(port: collector.port).send(
        method: "GET", target: String(signIn.dropFirst(base.count))
      ).status == 303)

    // The socket is its owner's alone, and the folder tells the same without a server.
    var status = stat()
    #expect(lstat(collector.data + "/control.sock", &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(collector.terminate() == 0)
    let still = Self.text(try collector.run("status"))
    #expect(still.contains(/running +no/) && still.contains(/sdks +v1 +2 +1 +0 +1 +2 +0/), "\(still)")
    #expect(Self.text(try collector.run("quarantine", "--clear")).contains("Cleared 3 lines"))
    #expect(Self.text(try collector.run("quarantine")).contains("Nothing was refused"))
  }

  @Test func `a flag wins over a variable, a variable over the file`() throws {
    let collector = try BuiltCollector(catalog: SDKEnvironment.catalog)
    let file = collector.folder + "/settings"
    func outcome(_ flags: [String], _ variables: [String: String]) throws -> String {
      var command = BuiltCollector.command(
        ["serve", "--data", collector.data, "--catalog", collector.catalogs, "--config", file] + flags)
      command.environment.merge(variables) { $1 }
      return BuiltCollector.errors(try command.run(timeout: .seconds(30)))
    }
    // Each value is one that cannot be, so that the error tells whose was taken.
    try Files.write("AVOW_LOG_LEVEL=file\n", to: file)
    #expect(try outcome([], [:]).contains(#""file" is no log level"#))
    #expect(try outcome([], ["AVOW_LOG_LEVEL": "variable"]).contains(#""variable" is no log level"#))
    #expect(
      try outcome(["--log-level", "flag"], ["AVOW_LOG_LEVEL": "variable"]).contains(
        #""flag" is no log level"#))
    for (setting, value, words) in [
      ("AVOW_BODY_PATIENCE", "soon", "0.1 to 3600"), ("AVOW_LIMIT_KEY", "-1", "a number a second"),
      ("AVOW_TLS_KEY", "x.pem", "--tls-certificate"), ("AVOW_TLS_CERTIFICATE", "x.pem", "--tls-key"),
    ] {
      try Files.write("\(setting)=\(value)\n", to: file)
      let errors = try outcome([], [:])
      #expect(errors.contains(words) && errors.split(separator: "\n").count <= 2, "\(errors)")
    }
  }

  @Test func `SIGHUP takes a wider catalog and says what it collects more`() throws {
    let collector = try BuiltCollector(catalog: SDKEnvironment.catalog)
    try collector.start()
    let wider =
      SDKEnvironment.catalog.replacing("version: 1\n", with: "version: 2\n")
      .replacing(
        "mark: &mark", with: "depth: {type: integer, min: 0, description: A depth.}\n      mark: &mark")
    try Files.write(wider.replacing("events:\n", with: "evnts:\n"), to: collector.catalogs)
    collector.signal(SIGHUP)
    try Patience.until("the word that the catalog is broken") {
      Files.text(collector.log).contains("catalogs not reloaded, the old ones stay in force")
    }
    try Files.write(wider, to: collector.catalogs)
    collector.signal(SIGHUP)
    try Patience.until("the word that the catalog is wider") {
      Files.text(collector.log).contains("sdks now collects more")
    }
    #expect(Self.text(try collector.run("status")).contains(/sdks +v2\b/))
  }
}
