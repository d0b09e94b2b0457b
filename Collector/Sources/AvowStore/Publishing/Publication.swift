public import AvowWire

/// What was published of one question for one week; computed once and never changed.
public struct Publication: Sendable, Hashable {
  public enum Status: String, Sendable, Hashable {
    case published
    /// Fewer than the threshold stand behind the whole week.
    case tooFew = "too_few"
    /// Its numbers could have been subtracted from others of the same week.
    case withheld
  }

  public struct Group: Sendable, Hashable {
    /// As in `Answer.Series`; empty for the only number.
    public var key: [String?]
    public var isOther: Bool
    public var value: Int

    /// Creates a group.
    public init(key: [String?], isOther: Bool = false, value: Int) {
      self.key = key
      self.isOther = isOther
      self.value = value
    }
  }

  /// `PublicQuestion.phrase`.
  public var question: String
  /// The week's Monday, in days since 1970-01-01.
  public var week: Int
  public var status: Status
  public var unit: Answer.Unit
  public var bound: Answer.Bound
  /// The smallest group that is shown, counted in `threshold.unit`.
  public var threshold: PrivacyThreshold
  public var groups: [Group]

  /// Numbers of users are rounded down to whole multiples of this, whatever their bound; `nil`: exact.
  public var rounding: Int? { unit == .installations || unit == .starts ? threshold.count : nil }
}

/// How many must be behind a number for it to be shown.
public struct PrivacyThreshold: Sendable, Hashable {
  public enum Unit: String, Sendable, Hashable {
    case installations, starts, reports
  }

  public var count: Int
  public var unit: Unit

  /// Creates a threshold.
  public init(count: Int, unit: Unit) {
    self.count = count
    self.unit = unit
  }

  /// What one number must rest on for the week that begins on `monday`.
  ///
  /// Ten users. Twenty where an identifier changes within the week, so that one may count twice. Fifty
  /// reports where nobody is told apart, and fifty starts where each start counts as another user.
  public init(_ catalog: Catalog, week monday: Int) {
    let users = Question(
      app: catalog.app, .activeUsers, interval: DayInterval(first: monday, last: monday + 6), period: .total)
    guard let resolved = try? ResolvedQuestion(users, catalog: catalog) else {
      self.init(count: 50, unit: .reports)
      return
    }
    switch (resolved.unit, resolved.bound) {
    case (.installations, .ceiling): self.init(count: 20, unit: .installations)
    case (.installations, _): self.init(count: 10, unit: .installations)
    default: self.init(count: 50, unit: .starts)
    }
  }
}

extension Publication {
  /// The publication as JSON: what is kept of it, and what the public page's JSON says of a week.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "week": .string(CivilDate(dayNumber: week).description), "status": .string(status.rawValue),
      "unit": .string(unit.rawValue), "bound": .string(bound.rawValue),
      "threshold": ["count": .integer(Int64(threshold.count)), "of": .string(threshold.unit.rawValue)],
    ]
    if let rounding { members["rounded_down_to"] = .integer(Int64(rounding)) }
    if status == .published {
      members["groups"] = .array(
        groups.map { group in
          group.isOther
            ? ["other": true, "value": .integer(Int64(group.value))]
            : [
              "key": .array(group.key.map { $0.map(JSONValue.string) ?? .null }),
              "value": .integer(Int64(group.value)),
            ]
        })
    }
    return .object(members)
  }

  /// Reads what `json` wrote; `nil` for anything else.
  public init?(question: String, json: JSONValue) {
    guard let week = json["week"]?.stringValue.flatMap({ CivilDate($0) })?.dayNumber,
      let status = json["status"]?.stringValue.flatMap(Status.init(rawValue:)),
      let unit = json["unit"]?.stringValue.flatMap(Answer.Unit.init(rawValue:)),
      let bound = json["bound"]?.stringValue.flatMap(Answer.Bound.init(rawValue:)),
      let count = json["threshold"]?["count"]?.integerValue,
      let of = json["threshold"]?["of"]?.stringValue.flatMap(PrivacyThreshold.Unit.init(rawValue:))
    else { return nil }
    self.question = question
    self.week = week
    self.status = status
    self.unit = unit
    self.bound = bound
    threshold = PrivacyThreshold(count: Int(count), unit: of)
    groups = (json["groups"]?.arrayValue ?? []).map { group in
      Group(
        key: (group["key"]?.arrayValue ?? []).map(\.stringValue), isOther: group["other"]?.boolValue ?? false,
        value: Int(group["value"]?.integerValue ?? 0))
    }
  }
}
