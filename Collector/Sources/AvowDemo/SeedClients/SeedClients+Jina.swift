import AvowWire

extension SeedClients {
  private static let jinaReleases = [
    Release(day: -1, version: "3.7.13"), Release(day: 30, version: "3.34.0"),
  ]

  /// Returns the requests of Jina's Flows: one per part that starts, each a flat object in base64 under a
  /// form's content type.
  public func jina(day: Int) -> [ForeignRequest] {
    population(of: "jina").active(day: day).flatMap { member, random in
      var random = random
      let release = Population.release(of: Self.jinaReleases, for: member, day: day)
      return (0..<random.integer(1...2)).flatMap { _ in
        let run = JinaRun(
          member: member, version: release.version, started: moment(day: day, &random),
          vendor: member.number % 7 == 3 && random.chance(0.6) ? "GITHUB_ACTIONS" : nil)
        return jina(run, &random)
      }
    }
  }

  /// One Flow of one user.
  struct JinaRun: Sendable {
    var member: Member
    var version: String
    var started: Timestamp
    var vendor: String?

    var isFirst: Bool { version == "3.7.13" }
    /// The network card's address, 48 bits, of a locally administered range.
    var node: UInt64 { member.identity & 0x00FF_FFFF_FFFF | 0x5600_0000_0000 }
  }

  private func jina(_ run: JinaRun, _ random: inout SeededGenerator) -> [ForeignRequest] {
    let gateway = random.pick([("GRPC", weight: 6), ("HTTP", weight: 3), ("WebSocket", weight: 1)])
    var requests: [ForeignRequest] = []
    func part(_ name: String, _ event: String, after seconds: Double, _ extra: JinaExtra = .none) {
      requests.append(
        jina(
          run, name: name, event: event, time: run.started.advanced(bySeconds: seconds), extra: extra,
          &random))
    }
    // The parts are processes of their own: which one's request arrives first is chance.
    let order = random.chance(0.5)
    if run.isFirst {
      part("WorkerRuntime.start", "runtime_start", after: order ? 1.1 : 1.6)
      part("\(gateway)GatewayRuntime.start", "gateway_start", after: 1.3)
      let executor = random.pick([("BaseExecutor", weight: 4), ("CLIPEncoder", weight: 1)])
      part("\(executor).start", "executor_start", after: order ? 1.7 : 1.2)
      part("Flow.start", "flow_start", after: 2.0)
    } else {
      part("WorkerRuntime.start", "runtime_start", after: order ? 1.1 : 1.6, .entity)
      part("\(gateway)Gateway.start", "gateway_start", after: 1.3, .gateway)
      part("Flow.start", "flow_start", after: 2.0, .entity)
    }
    if random.chance(0.4) { part("\(gateway)Client.start", "client_start", after: 4.5) }
    if !run.isFirst, random.chance(0.5) {
      part("Flow.stop", "", after: 30, .stop(random.duration(around: 600)))
    }
    return requests
  }

  /// What later releases append to the object.
  enum JinaExtra: Sendable {
    case none, entity, gateway
    case stop(Double)
  }

  private func names(_ extra: JinaExtra) -> Bool {
    if case .none = extra { false } else { true }
  }

  private func jina(
    _ run: JinaRun, name: String, event: String, time: Timestamp, extra: JinaExtra,
    _ random: inout SeededGenerator
  ) -> ForeignRequest {
    let machine = run.member.machine
    let session = UUIDText.version1(
      milliseconds: time.milliseconds, node: run.node, sequence: random.next())
    let entity = hexadecimal(AvowWire.SHA256.hash(session.utf8).prefix(16))
    var removed: [ForeignRequest.Removal] = []
    let body = PythonJSON { writer in
      writer.beginObject()
      writer.member("jina", run.version)
      writer.member("docarray", run.isFirst ? "0.15.2" : "0.40.1")
      writer.member("jcloud", run.isFirst ? "0.0.35" : "0.3")
      writer.member("jina-hubble-sdk", run.isFirst ? "0.18.0" : "0.39.0")
      writer.member("jina-proto", run.isFirst ? "0.1.13" : "0.1.27")
      writer.member("protobuf", run.isFirst ? "3.20.1" : "4.24.3")
      writer.member("proto-backend", run.isFirst ? "cpp" : "upb")
      writer.member("grpcio", run.isFirst ? "1.46.3" : "1.57.0")
      writer.member("pyyaml", run.isFirst ? "6.0" : "6.0.1")
      let python = run.member.python
      writer.member("python", "\(python.major).\(python.minor).\(python.patch)")
      writer.member("platform", machine.name)
      writer.member("platform-release", machine.release)
      writer.member("platform-version", machine.build)
      writer.member("architecture", machine.architecture)
      writer.member("processor", machine.processor)
      if !machine.buildHasVersion {
        removed.append(ForeignRequest.Removal(event: event, field: "platform_version"))
      }
      writer.member("uid", integer: run.node)
      writer.member("session-id", session)
      // `datetime.now().isoformat()`: microseconds, no zone.
      writer.member("uptime", String(run.started.description.dropLast()) + "842")
      writer.member("ci-vendor", run.vendor ?? "(unset)")
      if !run.isFirst { writer.member("internal", boolean: false) }
      writer.member("event", name)
      func undeclared(_ key: String) -> String {
        removed.append(ForeignRequest.Removal(event: event, field: key))
        return key
      }
      switch extra {
      case .none:
        // GRPCClient.start names no entity in any release.
        break
      case .entity:
        writer.member(undeclared("entity_id"), entity)
      case .gateway:
        writer.member(undeclared("entity_id"), entity)
        writer.member(undeclared("is_custom_gateway"), boolean: false)
        writer.key(undeclared("protocol"))
        writer.beginArray()
        writer.integer(name.hasPrefix("GRPC") ? 0 : name.hasPrefix("HTTP") ? 1 : 2)
        writer.endArray()
      case .stop(let seconds):
        writer.member("entity_id", entity)
        writer.member("duration", float: seconds)
      }
      writer.endObject()
    }
    let isStop = event.isEmpty
    return ForeignRequest(
      app: "jina", generation: run.version, time: time, path: "/",
      headers: [
        ("Accept-Encoding", "identity"), ("Content-Type", "application/x-www-form-urlencoded"),
        ("User-Agent", "Mozilla/5.0"), ("Connection", "close"),
      ],
      body: Base64.urlSafe(body.bytes), events: isStop ? 0 : 1,
      droppedValues: isStop ? 0 : run.isFirst ? 1 : 2, refused: isStop ? 1 : 0, status: isStop ? 400 : 200,
      removed: isStop ? [] : removed,
      secrets: [String(run.node), session, run.node.hardwareAddress] + (names(extra) ? [entity] : []))
  }
}

extension UInt64 {
  /// The lower 48 bits as a network card's address is written.
  fileprivate var hardwareAddress: String {
    (0..<6).reversed().map { hexadecimal([UInt8(truncatingIfNeeded: self >> ($0 * 8))]) }
      .joined(separator: ":")
  }
}
