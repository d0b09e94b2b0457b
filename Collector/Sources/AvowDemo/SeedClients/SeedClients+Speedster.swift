import AvowWire

extension SeedClients {
  private static let speedsterReleases = [
    Release(day: -1, version: "nebullvm 0.6.0"), Release(day: 6, version: "0.1.0"),
    Release(day: 32, version: "0.4.0"),
  ]

  /// Returns the requests of Speedster and its forerunner: one nested object for each optimised model.
  public func speedster(day: Int) -> [ForeignRequest] {
    population(of: "speedster").active(day: day).flatMap { member, random in
      var random = random
      let release = Population.release(of: Self.speedsterReleases, for: member, day: day)
      return (0..<random.pick([(1, weight: 3), (2, weight: 1)])).map { _ in
        let run = SpeedsterRun(member: member, &random)
        let time = moment(day: day, &random)
        return switch release.version {
        case "nebullvm 0.6.0": nebullvm(run, time: time, &random)
        default: speedster(run, version: release.version, time: time, &random)
        }
      }
    }
  }

  /// One model and what became of it under each compiler.
  struct SpeedsterRun: Sendable {
    struct Attempt: Sendable {
      var compiler: String
      var technique: String
      /// Seconds; `nil` when the compiler failed.
      var latency: Double?
    }

    var machine: Machine
    var model: String
    var isPath: Bool
    var megabytes: Double
    var framework: String
    var attempts: [Attempt]
    var original: Double
    var address: String

    init(member: Member, _ random: inout SeededGenerator) {
      machine = member.machine
      isPath = random.chance(0.12)
      let (name, size, latency) = random.pick([
        (("ResNet", 102.23, 0.03), weight: 5), (("BertModel", 437.97, 0.11), weight: 4),
        (("GPT2LMHeadModel", 497.76, 0.19), weight: 3), (("VisionTransformer", 346.27, 0.08), weight: 2),
        (("MobileNetV2", 14.2, 0.012), weight: 2),
      ])
      // For ONNX the real client reports the path that the user typed.
      model = isPath ? "/home/user\(member.number)/models/\(name.lowercased()).onnx" : name
      megabytes = size
      let framework =
        isPath ? "numpy" : random.pick([("torch", weight: 7), ("tensorflow", weight: 2)])
      self.framework = framework
      let base = (random.duration(around: latency) * 1e4).rounded() / 1e4
      original = base
      var compilers = ["onnxruntime", "openvino", "tensor_rt", "tvm"]
      if framework == "torch" { compilers += ["torchscript", "deepsparse"] }
      var attempts: [Attempt] = []
      for compiler in compilers where random.chance(0.6) {
        for technique in ["none", "HALF", "DYNAMIC", "STATIC"]
        where technique == "none" || random.chance(0.35) {
          let gain = 0.25 + random.unit() * 0.9
          attempts.append(
            Attempt(
              compiler: compiler, technique: technique,
              latency: random.chance(0.12) ? nil : base * gain))
        }
      }
      self.attempts = attempts
      // From the ranges set aside for documentation (RFC 5737).
      address =
        "\(random.pick([("192.0.2", weight: 1), ("198.51.100", weight: 1), ("203.0.113", weight: 1)]))"
        + ".\(random.integer(1...254))"
    }

    /// How the frameworks are called in front of a compiler's name.
    var pipeline: String { framework == "numpy" ? "numpy" : framework }
  }

  /// nebullvm 0.6.0, to which users had said yes: a map of maps.
  private func nebullvm(
    _ run: SpeedsterRun, time: Timestamp, _ random: inout SeededGenerator
  ) -> ForeignRequest {
    let model = modelIdentifier(&random)
    let pipeline = run.framework == "numpy" ? "onnx" : run.framework
    var compilers: [(name: String, results: [(technique: String, latency: Double)])] = []
    for attempt in run.attempts where attempt.technique == "none" {
      compilers.append(("\(pipeline)_\(attempt.compiler)", [("noopt", attempt.latency ?? -1)]))
    }
    let body = PythonJSON { writer in
      writer.beginObject()
      writer.member("model_id", model)
      writer.key("latency_dict")
      writer.beginObject()
      for (name, results) in compilers {
        writer.key(name)
        writer.beginObject()
        for (technique, latency) in results { writer.member(technique, float: latency) }
        writer.endObject()
      }
      writer.endObject()
      hardware(run, &writer)
      metadata(run, &writer)
      writer.member("nebullvm_version", "0.6.0")
      writer.endObject()
    }
    return ForeignRequest(
      app: "speedster", generation: "nebullvm 0.6.0", time: time, path: "/v1/store_nebullvm_results",
      headers: Self.nebulyRequests, body: body.bytes, events: 1, droppedValues: 1,
      removed: removals(run), secrets: [model] + (run.isPath ? [run.model] : []))
  }

  private func speedster(
    _ run: SpeedsterRun, version: String, time: Timestamp, _ random: inout SeededGenerator
  ) -> ForeignRequest {
    let model = modelIdentifier(&random)
    let isLater = version == "0.4.0"
    // Without a way out the look-up of the own address fails.
    let address = random.chance(0.2) ? "Unknown" : run.address
    let body = PythonJSON { writer in
      writer.beginObject()
      writer.member("nebullvm_version", isLater ? "0.10.0" : "0.7.3")
      writer.member("app_version", version)
      if isLater { optimizations(run, &writer) }
      writer.member("model_id", model)
      metadata(run, &writer)
      if isLater { laterHardware(run, &writer) } else { hardware(run, &writer) }
      if !isLater { optimizations(run, &writer) }
      writer.member("ip_address", address)
      writer.endObject()
    }
    return ForeignRequest(
      app: "speedster", generation: version, time: time, path: "/v1/store_speedster_results",
      headers: Self.nebulyRequests, body: body.bytes, events: 1,
      droppedValues: address == "Unknown" ? 1 : 2, removed: removals(run),
      secrets: [model] + (run.isPath ? [run.model] : []) + (address == "Unknown" ? [] : [address]))
  }

  private func removals(_ run: SpeedsterRun) -> [ForeignRequest.Removal] {
    run.isPath ? [ForeignRequest.Removal(event: "optimization", field: "model_name")] : []
  }

  /// `uuid4` and Python's hash of the model's name, which differs in every process.
  private func modelIdentifier(_ random: inout SeededGenerator) -> String {
    let uuid = random.uuid()
    return "\(uuid)_\(Int64(bitPattern: random.next()))"
  }

  private func metadata(_ run: SpeedsterRun, _ writer: inout JSONWriter) {
    writer.key("model_metadata")
    writer.beginObject()
    writer.member("model_name", run.model)
    writer.member("model_size", "\(run.megabytes) MB")
    writer.member("framework", run.framework)
    writer.endObject()
  }

  private func hardware(_ run: SpeedsterRun, _ writer: inout JSONWriter) {
    writer.key("hardware_setup")
    writer.beginObject()
    writer.member("cpu", run.machine.brand)
    writer.member("operative_system", run.machine.name)
    writer.member("ram", "\(run.machine.memoryGigabytes) GB")
    if let accelerator = run.machine.accelerator { writer.member("gpu", accelerator) }
    writer.endObject()
  }

  private func laterHardware(_ run: SpeedsterRun, _ writer: inout JSONWriter) {
    writer.key("hardware_setup")
    writer.beginObject()
    writer.member("cpu", run.machine.brand)
    writer.member("operating_system", run.machine.name)
    writer.member("memory_gb", float: run.machine.memoryGigabytes)
    writer.member("accelerator", run.machine.accelerator)
    writer.endObject()
  }

  private func optimizations(_ run: SpeedsterRun, _ writer: inout JSONWriter) {
    writer.key("optimizations")
    writer.beginArray()
    writer.beginObject()
    writer.member("compiler", run.framework)
    writer.member("technique", "original")
    writer.member("latency", float: run.original)
    writer.endObject()
    for attempt in run.attempts {
      writer.beginObject()
      // A compiler that failed is reported without the framework in front.
      writer.member(
        "compiler", attempt.latency == nil ? attempt.compiler : "\(run.pipeline)_\(attempt.compiler)")
      writer.member("technique", attempt.technique)
      if let latency = attempt.latency {
        writer.member("latency", float: latency)
      } else {
        writer.member("latency", integer: -1)
      }
      writer.endObject()
    }
    writer.endArray()
  }

  private static let nebulyRequests: [(name: String, value: String)] = [
    ("User-Agent", "python-requests/2.28.1"), ("Accept-Encoding", "gzip, deflate"),
    ("accept", "application/json"), ("Connection", "keep-alive"), ("Content-Type", "application/json"),
  ]
}
