import AvowDemo
import AvowWire
import Glibc
import Testing

/// The commands that look after a data folder, as an operator types them.
struct CareCommandTests {
  private static func body(_ number: Int) -> [UInt8] {
    let events = (0..<50).map {
      #"{"n":\#($0),"name":"list_reports","time":\#(Int64(time(nil)) * 1000 - Int64($0)),"properties":{"reports_count":\#($0)}}"#
    }
    let segment = "00112233445566778899" + String(1000 + number)
    return Array(
      #"{"app":"evidently","segment":"\#(segment)","user":"0123456789abcdef0123456789abcdef","context":{},"events":[\#(events.joined(separator: ","))]}"#
        .utf8)
  }

  private static func text(_ outcome: HostProcess.Outcome) -> String {
    String(decoding: outcome.output, as: UTF8.self)
  }

  @Test func `a collector is backed up, restored, examined and taken over`() throws {
    let collector = try BuiltCollector()
    try collector.start()
    let key = try collector.key(for: "evidently")
    for number in 0..<4 {
      let answer = try LoopbackClient(port: collector.port).send(
        method: "POST", target: "/v1/events",
        headers: [("Content-Type", "application/json"), ("Authorization", "Bearer \(key)")],
        body: Self.body(number))
      #expect(answer.status == 200)
    }
    let copy = collector.folder + "/copy"
    let backup = try collector.run("backup", copy)
    #expect(backup.status == 0 && Self.text(backup).contains("The pepper is not in it"))
    #expect(try collector.run("backup", copy).status == 1, "a backup is not made over another")
    let running = try collector.run("doctor")
    #expect(running.status == 0 && Self.text(running).contains("runs and answers"), "\(Self.text(running))")
    let export = try collector.run("export", "evidently")
    let lines = collector.folder + "/events.ndjson"
    try Files.write(export.output, to: lines)
    // Through the control socket of the running collector: all of it is known.
    let again = try collector.run("import", lines, "--app", "evidently")
    #expect(
      again.status == 0 && Self.text(again) == "200 lines: 0 stored, 200 stored before.\n",
      "\(Self.text(again)) \(BuiltCollector.errors(again))")
    #expect(try collector.run("tidy").status == 0)
    #expect(collector.terminate() == 0)
    // Nothing but the databases: no log is left beside them.
    let names = Files.all(in: collector.data).filter { $0.contains("-wal") || $0.contains("-shm") }
    #expect(names == [])

    func run(_ words: String...) throws -> HostProcess.Outcome {
      try BuiltCollector.command(words + ["--data", copy]).run(timeout: .seconds(60))
    }
    let refused = try run("ask", "evidently", "events")
    #expect(refused.status == 1 && BuiltCollector.errors(refused).contains("pepper"))
    let doctor = try run("doctor", "--format", "json")
    #expect(doctor.status == 1)
    #expect(try JSONValue(parsing: doctor.output)["state"] == "error")
    let pepper = Files.bytes(collector.data + "/pepper")
    try Files.write(pepper, to: copy + "/pepper")
    _ = chmod(copy + "/pepper", 0o600)
    #expect(try run("doctor").status == 0)
    #expect(try run("export", "evidently").output == export.output)
  }
}
