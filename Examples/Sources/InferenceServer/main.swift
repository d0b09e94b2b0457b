import Avow
import HostSupport

// An inference server and the clients that use it while it runs.

let arguments: HostArguments
do {
  arguments = try HostArguments(
    CommandLine.arguments, version: "0.6.3", options: ["mode": ["software", "hardware"]])
} catch {
  complain(error)
}

var whims = Whims(seed: arguments.seed)
let mode =
  arguments.options["mode"].flatMap { Server.Mode(rawValue: $0) }
  ?? (arguments.seed % 3 == 0 ? .hardware : .software)
let telemetry = Telemetry(
  BlindAI.self, version: arguments.version, lifetime: .service,
  context: BlindAI.Context(
    system: "Linux - SGX \(mode == .hardware ? "HW" : "SW")", sgxMode: mode == .hardware ? .hw : .sw,
    azureDcsv3PatchEnabled: mode == .hardware),
  notice: .standardError.quietWhenAsked(CommandLine.arguments))
if let status = telemetry.handle(arguments: CommandLine.arguments) { end(status: status) }
let reporter = Reporter(telemetry)
let server = Server(mode: mode, reporter: reporter)

do {
  let catalog = [("distilbert-base-uncased", 6, 24), ("resnet18", 4, 16), ("tiny-mlp", 2, 8)]
  var uploads: [(client: Client, model: Int)] = []
  for _ in 0..<arguments.actions {
    if uploads.isEmpty || whims.chance(0.25) {
      let client = Client(
        info: ClientInfo.random(&whims, version: arguments.version), server: server)
      let (name, layers, width) = catalog[Int.random(in: 0..<catalog.count, using: &whims)]
      uploads.append((client, try client.upload(name, layers: layers, width: width, &whims)))
    } else {
      let (client, model) = uploads[Int.random(in: 0..<uploads.count, using: &whims)]
      _ = try client.run(model, &whims)
    }
  }
} catch {
  complain(error)
}
reporter.finish()
