#if ForeignFormats
  /// A wire format in the exact form that one kind of server takes.
  ///
  /// The catalog's `format` names the family; the address tells its members apart.
  public enum Dialect: String, Sendable, Hashable, CaseIterable {
    case native
    /// Amplitude's HTTP V2 API.
    case amplitude
    /// Amplitude's Batch Event Upload API.
    case amplitudeBatch
    /// Jitsu 1 ("classic").
    case jitsu
    /// Jitsu 2, whose events have Segment's shape.
    case jitsu2
    /// Segment and RudderStack.
    case segment
    case postHog
    /// OpenTelemetry log records, OTLP/HTTP in its JSON encoding.
    case otlp
    /// A list of flat objects.
    case json

    /// Creates the dialect that `format` means at this address.
    public init(_ format: Catalog.Delivery.Format, url: String) {
      let path = Dialect.path(of: url)
      switch format {
      case .avow: self = .native
      case .amplitude: self = path == "/batch" ? .amplitudeBatch : .amplitude
      case .jitsu: self = path.hasPrefix("/api/s/") || path.hasSuffix("/batch") ? .jitsu2 : .jitsu
      case .segment: self = .segment
      case .posthog: self = .postHog
      case .otlp: self = .otlp
      case .json: self = .json
      }
    }

    /// The format whose entry of `accepts` reads this dialect: Jitsu 2's events are Segment's.
    public var family: Catalog.Delivery.Format {
      switch self {
      case .native: .avow
      case .amplitude, .amplitudeBatch: .amplitude
      case .jitsu: .jitsu
      case .jitsu2, .segment: .segment
      case .postHog: .posthog
      case .otlp: .otlp
      case .json: .json
      }
    }

    /// The path of an address that has a scheme, without query and trailing slash; empty for none.
    package static func path(of url: String) -> Substring {
      var rest = Substring(url)
      if rest.hasPrefix("unix:") {
        // unix:/run/collector.sock:/path
        guard let end = rest.dropFirst(5).firstIndex(of: ":") else { return "" }
        rest = rest[rest.index(after: end)...]
      } else {
        guard let colon = rest.firstIndex(of: ":") else { return "" }
        rest = rest[colon...].dropFirst()
        while rest.hasPrefix("/") { rest.removeFirst() }
        rest = rest.drop { $0 != "/" && $0 != "?" }
      }
      rest = rest.prefix { $0 != "?" }
      while rest.hasSuffix("/") { rest.removeLast() }
      return rest
    }

    /// Where the server listens when the address says no path.
    public var standardPath: String {
      switch self {
      case .native: NativeRequest.eventsPath
      case .amplitude: "/2/httpapi"
      case .amplitudeBatch: "/batch"
      case .jitsu: "/api/v1/s2s/event"
      case .jitsu2: "/api/s/s2s/batch"
      case .segment: "/v1/batch"
      // The slash matters: without it the path is Amplitude's as well.
      case .postHog: "/batch/"
      case .otlp: "/v1/logs"
      case .json: "/"
      }
    }

    /// What the server's documentation lets one request hold, with a margin for what surrounds the events.
    public struct Limits: Sendable, Equatable {
      public internal(set) var events: Int
      public internal(set) var bytes: Int
      public internal(set) var eventBytes: Int
      /// Longer texts are cut to this many characters.
      public internal(set) var text = Int.max
      public internal(set) var name = Int.max
    }

    /// How much one request may hold.
    public var limits: Limits {
      switch self {
      case .native, .json: Limits(events: 2_000, bytes: 1_000_000, eventBytes: 1_000_000)
      // Under 1 MB and under 2000 events; all texts at most 1024 characters.
      case .amplitude: Limits(events: 1_999, bytes: 1_000_000, eventBytes: 900_000, text: 1_000)
      case .amplitudeBatch: Limits(events: 1_999, bytes: 5_000_000, eventBytes: 900_000, text: 1_000)
      case .jitsu: Limits(events: 1_000, bytes: 1_000_000, eventBytes: 51_200)
      case .jitsu2: Limits(events: 1_000, bytes: 950_000, eventBytes: 900_000, name: 128)
      // 500 KB a request, 32 KB an event.
      case .segment: Limits(events: 2_500, bytes: 475_000, eventBytes: 32_000)
      case .postHog: Limits(events: 2_000, bytes: 5_000_000, eventBytes: 900_000, name: 200)
      case .otlp: Limits(events: 2_000, bytes: 4_000_000, eventBytes: 1_000_000, name: 256)
      }
    }

    /// Whether the server reads compressed bodies; where its documentation is silent, it does not.
    public var takesCompressed: Bool {
      switch self {
      case .native, .jitsu2, .segment, .postHog, .otlp: true
      case .amplitude, .amplitudeBatch, .jitsu, .json: false
      }
    }

    /// Whether a body says when it was sent, by which the server corrects the events' times.
    ///
    /// Only there does a retry differ from the first attempt, and only in that member.
    public var tellsTimeOfSending: Bool { self == .segment || self == .jitsu2 || self == .postHog }
  }
#endif
