import Avow
import HostSupport

// Tries each way to compile a model, measures it on this machine, and reports what was tried. The models are
// chains of square matrices; what differs between them is the size.

// Does nothing, unless this process was started to send what earlier runs left.
Telemetry.main(Speedster.self, version: "0.4.0")

let arguments: HostArguments
do {
  arguments = try HostArguments(CommandLine.arguments, version: "0.4.0")
} catch {
  complain(error)
}

let telemetry = Telemetry(
  Speedster.self, version: arguments.version, lifetime: .command,
  context: Speedster.Context(nebullvmVersion: "0.10.0"),
  notice: .standardError.quietWhenAsked(CommandLine.arguments))
if let status = telemetry.handle(arguments: CommandLine.arguments) { end(status: status) }
let reporter = Reporter(telemetry)
var whims = Whims(seed: arguments.seed)

// 30 leaves a rest in every block, so that some compilers fail on that model.
let models = [("TinyPerceptron", 16), ("OddPerceptron", 30), ("WidePerceptron", 40)]
for _ in 0..<(arguments.actions + 3) / 4 {
  let (name, size) = models[Int.random(in: 0..<models.count, using: &whims)]
  reporter.record(
    .optimization(
      modelName: name, modelSize: size * size * MemoryLayout<Float>.size, framework: .other,
      optimizations: optimize(size: size)))
}
reporter.finish()

/// Measures the original and every compiler with each of its techniques; a failure has no latency.
func optimize(size: Int) -> [Speedster.Optimization] {
  var rows: [Speedster.Optimization] = []
  for compiler in [Compiler.original] + Compiler.all {
    for technique in compiler.techniques {
      let latency = try? compiler.latency(of: size, technique: technique)
      rows.append(
        .init(
          compiler: compiler.name, technique: compiler.name == "original" ? "original" : technique.rawValue,
          latency: latency.map { $0 / .seconds(1) }))
    }
  }
  return rows
}
