import Avow
import HostSupport

// A flow with one or two executors and a client that sends it a few texts.

let arguments: HostArguments
do {
  arguments = try HostArguments(CommandLine.arguments, version: "3.34.0")
} catch {
  complain(error)
}

let telemetry = Telemetry(
  Jina.self, version: arguments.version, lifetime: .service,
  context: Jina.Context(
    docarray: "0.40.1", grpcio: "1.57.0", jinaProto: "0.1.27", protobuf: "4.24.3", protoBackend: .upb),
  notice: .standardError.quietWhenAsked(CommandLine.arguments))
if let status = telemetry.handle(arguments: CommandLine.arguments) { end(status: status) }
let reporter = Reporter(telemetry)
var whims = Whims(seed: arguments.seed)

for _ in 0..<max(1, arguments.actions / 3) {
  var flow = Flow().adding(BaseExecutor())
  if whims.chance(0.4) { flow = flow.adding(WordCounter()) }
  let gateway = flow.start(reporter: reporter)
  if whims.chance(0.6) {
    let client = Client(gateway, reporter: reporter)
    let answers = client.post(["a flow of documents", "one more"])
    precondition(answers.count == 2, "a flow returns what it was given")
  }
}
reporter.finish()
