import Foundation
import MonitoringLibrary
import Testing

struct LibraryTests {
  private static let hasStrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

  @Test(.enabled(if: hasStrace, "strace is not installed"))
  func `using the library opens no socket and writes no file and prints no notice`() throws {
    let calls = "socket,connect,sendto,execve,fork,vfork,mkdir,rename,unlink,openat,open,creat"
    let outcome = try ExampleProgram(name: "library-use").run(tracing: calls)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("DatasetDriftMetric"))
    #expect(outcome.files.isEmpty)
    let lines = outcome.errors.split(separator: "\n")
    // The one thing it does is to start, and to load what it is linked with.
    #expect(lines.contains { $0.contains("execve(") })
    for line in lines where !line.contains("execve(") {
      #expect(line.contains("open") && line.contains("O_RDONLY"), "\(line)")
      #expect(!line.contains("avow"), "\(line)")
    }
  }

  @Test func `using the library prints nothing on stderr`() throws {
    let outcome = try ExampleProgram(name: "library-use").run()
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
  }

  @Test func `drift is found where a distribution moved and only there`() {
    let still = (0..<300).map { Double?.some(Double($0 % 50)) }
    let reference = Table(columns: ["a": still, "b": still])
    let current = Table(columns: ["a": still, "b": still.map { $0.map { $0 + 25 } }])
    let values = Report(metrics: [.columnDrift("a"), .columnDrift("b"), .datasetDrift, .missingValues])
      .run(current: current, reference: reference).map(\.value)
    #expect(values == [0, 0.5, 0.5, 0])
    let holes = Table(columns: ["a": still.enumerated().map { $0.offset % 4 == 0 ? nil : $0.element }])
    let checks = TestSuite(checks: [.fewMissingValues]).run(current: holes, reference: reference)
    #expect(checks.map(\.passes) == [false])
    #expect(holes.missingShare == 0.25)
  }
}
