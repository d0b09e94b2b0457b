import AvowDemo
import Testing

struct HostProcessTests {
  @Test func `a program gets its arguments and nothing of our environment`() throws {
    let outcome = try HostProcess(
      program: "/bin/sh", arguments: ["-c", #"echo "$0 $A $HOME"; echo notice >&2; exit 3"#, "zero"],
      environment: ["A": "b"]
    ).run()
    #expect(outcome.status == 3)
    #expect(String(decoding: outcome.output, as: UTF8.self) == "zero b \n")
    #expect(String(decoding: outcome.errors, as: UTF8.self) == "notice\n")
  }

  @Test func `much output on both sides neither blocks nor gets lost`() throws {
    let outcome = try HostProcess(
      program: "/bin/sh",
      arguments: ["-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"],
      environment: ["PATH": "/usr/bin:/bin"]
    ).run()
    #expect(outcome.status == 0)
    #expect(outcome.output.count == 300_000)
    #expect(outcome.errors.count == 300_000)
  }

  @Test func `a program that does not end is ended`() throws {
    let started = ContinuousClock.now
    let outcome = try HostProcess(program: "/bin/sleep", arguments: ["60"])
      .run(timeout: .milliseconds(50))
    #expect(outcome.status == 128 + 9)
    #expect(started.duration(to: .now) < .seconds(20))
  }

  @Test func `a program that is not there is an error`() {
    #expect(throws: LoopbackError.self) { try HostProcess(program: "/no/such/program").run() }
  }
}
