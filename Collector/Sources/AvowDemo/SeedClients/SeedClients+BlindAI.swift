import AvowWire

extension SeedClients {
  private static let blindAIReleases = [
    Release(day: -1, version: "0.1.0"), Release(day: 4, version: "0.3.0"),
    Release(day: 16, version: "0.4.1"), Release(day: 30, version: "0.5.0"),
    Release(day: 44, version: "0.6.3"),
  ]

  /// Returns the requests of BlindAI's servers: what happened since the last look, as Amplitude's batch or
  /// as a bare array.
  public func blindAI(day: Int) -> [ForeignRequest] {
    population(of: "blindai").active(day: day).flatMap { member, random in
      var random = random
      let version = Population.release(of: Self.blindAIReleases, for: member, day: day).version
      let server = BlindAIServer(
        member: member, version: version, started: moment(day: day, &random),
        isHardware: member.number % 3 == 0)
      return (0..<random.integer(2...5)).map { look in
        blindAI(server, look: look, &random)
      }
    }
  }

  /// One running server.
  struct BlindAIServer: Sendable {
    var member: Member
    var version: String
    var started: Timestamp
    var isHardware: Bool

    /// Upper-case digits without padding, of a hash that everybody can repeat.
    var identifier: String { String(member.identity, radix: 16, uppercase: true) }
    var platform: String { "\(member.machine.name) - SGX \(isHardware ? "HW" : "SW")" }
    var hasClients: Bool { version != "0.1.0" }
    var hasDoubles: Bool { version == "0.3.0" || version == "0.4.1" }
    var isCloud: Bool { version == "0.5.0" || version == "0.6.3" }
    var isLatest: Bool { version == "0.6.3" }
    var hasEnvelope: Bool { version == "0.1.0" || version == "0.3.0" }
  }

  /// The program that uploads to a server and runs models there.
  struct BlindAIClient: Sendable {
    var identifier: String
    var machine: Machine
    var version: String
  }

  /// What a server reports.
  private enum BlindAIAction {
    case started
    case sent(model: String, size: Int)
    case ran(model: String)

    var type: String {
      switch self {
      case .started: "started"
      case .sent: "send_model"
      case .ran: "run_model"
      }
    }
  }

  private func blindAI(
    _ server: BlindAIServer, look: Int, _ random: inout SeededGenerator
  ) -> ForeignRequest {
    let time = server.started.advanced(bySeconds: Double(look) * random.duration(around: 900))
    // The list of the client's own user identifiers: one person or machine each.
    let client = BlindAIClient(
      identifier: hexadecimal(
        AvowWire.SHA256.hash("host\(server.member.number)-user\(random.integer(0...2))".utf8)),
      machine: Machine.random(&random, linux: 65), version: server.version)
    var actions: [BlindAIAction] = look == 0 ? [.started] : []
    let (model, size) = random.pick([
      (("distilbert-base-uncased", 267_844_284), weight: 4), (("resnet18", 46_827_520), weight: 3),
      (("wav2vec2-base-960h", 377_664_473), weight: 2),
    ])
    if look == 1 || random.chance(0.25) { actions.append(.sent(model: model, size: size)) }
    if look > 0 {
      for _ in 0..<random.integer(1...5) { actions.append(.ran(model: model)) }
    }
    let hash = random.uuid()
    var events = 0
    var dropped = 0
    var droppedValues = 0
    var removed: [ForeignRequest.Removal] = []
    var secrets: Set<String> = []
    var writer = JSONWriter(capacity: 2048)
    if server.hasEnvelope {
      writer.beginObject()
      writer.member("api_key", keys["blindai"] ?? "")
      writer.key("events")
    }
    writer.beginArray()
    for action in actions {
      let taken = random.duration(around: action.type == "send_model" ? 2.4 : 0.08)
      func event(asClient: Bool) {
        write(
          action, of: server, client: action.type == "started" ? nil : client, asClient: asClient,
          time: time, taken: taken, hash: hash, &writer)
      }
      if server.hasDoubles, action.type != "started" {
        event(asClient: true)
        dropped += 1
      }
      event(asClient: false)
      events += 1
      if server.hasClients, action.type != "started" {
        secrets.insert(client.identifier)
        droppedValues += 1
        if !client.machine.buildHasVersion {
          removed.append(ForeignRequest.Removal(event: action.type, field: "client_platform_version"))
        }
      }
      if server.isLatest, action.type == "run_model" {
        secrets.insert(hash)
        droppedValues += 1
      }
    }
    writer.endArray()
    if server.hasEnvelope { writer.endObject() }
    // ureq, which the last release uses, sends its name; reqwest sends none.
    let agent: [(name: String, value: String)] = server.isLatest ? [("User-Agent", "ureq/2.6.2")] : []
    return ForeignRequest(
      app: "blindai", generation: server.version, time: time.advanced(bySeconds: 2),
      path: server.hasEnvelope ? "/2/httpapi" : server.isLatest ? "/blindai" : "/blindai/",
      headers: [("Content-Type", "application/json"), ("Accept", "*/*")] + agent, body: writer.bytes,
      events: events, dropped: dropped, droppedValues: droppedValues, removed: removed,
      secrets: [server.identifier] + secrets.sorted())
  }

  /// Writes one event in the order of the server's own structure.
  private func write(
    _ action: BlindAIAction, of server: BlindAIServer, client: BlindAIClient?, asClient: Bool,
    time: Timestamp, taken: Double, hash: String, _ writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.member("user_id", asClient ? client?.identifier : server.identifier)
    if server.isCloud {
      writer.member("cloud_user_id", nil)
      writer.member("custom_agent_id", "")
    }
    writer.member("event_type", asClient ? "client_\(action.type)" : action.type)
    writer.member("device_id", asClient ? "blindai_python" : server.platform)
    // Seconds, although Amplitude's `time` is milliseconds.
    writer.member("time", integer: time.milliseconds / 1000)
    writer.member("app_version", asClient ? client?.version : server.version)
    writer.key("user_properties")
    writer.beginObject()
    writer.member("sgx_mode", server.isHardware ? "HW" : "SW")
    writer.member(
      "uptime", integer: max(0, (time.milliseconds - server.started.milliseconds) / 1000))
    if server.hasClients {
      writer.member("azure_dcsv3_patch_enabled", boolean: server.isHardware && server.member.number % 2 == 0)
      writer.member("client_uid", client?.identifier)
      writer.member("client_platform_name", client?.machine.name)
      writer.member("client_platform_arch", client?.machine.architecture)
      writer.member("client_platform_version", client?.machine.build)
      writer.member("client_platform_release", client?.machine.release)
      writer.member("client_user_agent", client == nil ? nil : "blindai_python")
      writer.member("client_user_agent_version", client?.version)
    }
    writer.endObject()
    writer.key("event_properties")
    writer.beginObject()
    switch action {
    case .started: writer.emptyObject("Started")
    case .sent(let model, let size):
      writer.key("SendModel")
      writer.beginObject()
      if server.hasClients { writer.member("model_name", model) }
      writer.member("model_size", integer: size)
      if server.hasClients, !server.isLatest { writer.member("sign", boolean: false) }
      if server.hasClients { writer.member("time_taken", float: taken) }
      writer.endObject()
    case .ran(let model):
      writer.key("RunModel")
      writer.beginObject()
      if server.isLatest {
        writer.member("model_hash", hash)
      } else if server.hasClients {
        writer.member("model_name", model)
        writer.member("sign", boolean: false)
      }
      if server.hasClients { writer.member("time_taken", float: taken) }
      writer.endObject()
    }
    writer.endObject()
    writer.endObject()
  }
}
