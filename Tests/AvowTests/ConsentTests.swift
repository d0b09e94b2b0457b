import Avow
import Testing

@Suite struct ConsentTests {
  typealias Row = (value: String?, set: Bool, truthy: Bool)

  /// What each value does to a variable whose presence switches off (Evidently, Jina, BlindAI) and to one
  /// whose truth does (Speedster). The real Speedster takes 0 as on, 1 and 2 as off, and crashes at the
  /// empty text and at words; here those mean on and off as anybody would read them.
  static let table: [Row] = [
    (nil, true, true), ("", false, true), ("0", false, true), ("1", false, false), ("2", false, false),
    ("false", false, true), ("true", false, false), ("maybe", false, false),
  ]

  static let seeds: [(variable: String, meaning: Catalog.Consent.Meaning)] = [
    ("DO_NOT_TRACK", .set), ("JINA_OPTOUT_TELEMETRY", .set), ("BLINDAI_DISABLE_TELEMETRY", .set),
    ("SPEEDSTER_DISABLE_TELEMETRY", .truthy),
  ]

  @Test(arguments: seeds.indices, table.indices)
  func `each seed's variable switches off as its meaning says`(seed: Int, row: Int) {
    let (variable, meaning) = Self.seeds[seed]
    let (value, whenSet, whenTruthy) = Self.table[row]
    let rule = Catalog.Consent(optOut: [.init(name: variable, meaning: meaning)])
    var sources = ConsentSources()
    sources.variables[variable] = value
    let decision = ConsentDecision.decide(rule, sources)
    let isOn = meaning == .set ? whenSet : whenTruthy
    #expect(decision.mode == (isOn ? .enabled : .disabled))
    #expect(decision.isForThisProcessOnly == !isOn)
    sources.variables[variable] = nil
    #expect(ConsentDecision.decide(rule, sources).mode == .enabled)
  }

  @Test(arguments: [Catalog.Consent.Default.enabled, .disabled, .ask, .local])
  func `the default speaks only when nobody else did`(rule: Catalog.Consent.Default) {
    let alone = ConsentDecision.decide(.init(default: rule), .init())
    let expected: TelemetryMode =
      switch rule {
      case .enabled: .enabled
      case .local: .local
      case .ask, .disabled: .disabled
      }
    #expect(alone.mode == expected)
    #expect(alone.trace.last?.says == expected)
    for mode in TelemetryMode.allCases {
      let chosen = ConsentDecision.decide(.init(default: rule), .init(choice: .says(mode)))
      #expect(chosen.mode == mode)
      #expect(chosen.trace.last?.says == nil)
    }
  }

  @Test func `the lowest of policy and choice wins, whoever said it`() {
    for policy in TelemetryMode.allCases {
      for choice in TelemetryMode.allCases {
        let decision = ConsentDecision.decide(.init(), .init(policy: .says(policy), choice: .says(choice)))
        #expect(decision.mode == min(policy, choice))
        #expect(!decision.isForThisProcessOnly)
      }
    }
  }

  @Test func `DO_NOT_TRACK is honoured when the catalog does not name it`() {
    let decision = ConsentDecision.decide(
      .init(optOut: [.init(name: "X", meaning: .set)]), .init(variables: ["DO_NOT_TRACK": ""]))
    #expect(decision.mode == .disabled)
  }

  @Test func `continuous integration is off unless the catalog wants it`() {
    let sources = ConsentSources(continuousIntegration: "GitHub Actions", choice: .says(.enabled))
    let off = ConsentDecision.decide(.init(), sources)
    #expect(off.mode == .disabled)
    #expect(off.isForThisProcessOnly)
    #expect(ConsentDecision.decide(.init(reportsInCI: true), sources).mode == .enabled)
  }

  @Test func `a policy or choice that cannot be understood is a no`() {
    #expect(ConsentDecision.decide(.init(), .init(policy: .unclear)).mode == .disabled)
    #expect(ConsentDecision.decide(.init(), .init(choice: .unclear)).mode == .disabled)
  }

  @Test func `the trace names every source in the order they were asked`() {
    let decision = ConsentDecision.decide(
      .init(optOut: [.init(name: "X_OFF", meaning: .truthy)]),
      .init(variables: ["X_OFF": "0"], choice: .says(.local)))
    #expect(
      decision.trace.map { "\($0.source): \($0.finding)" } == [
        "variable X_OFF: set to a value that means nothing", "variable DO_NOT_TRACK: not set",
        "continuous integration: not seen", "policy of this machine: says nothing",
        "your choice: says local", "default: not asked",
      ])
  }
}
