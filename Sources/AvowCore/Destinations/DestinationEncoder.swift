#if ForeignFormats
  /// Turns reports into the requests one server takes: sizes, identifiers, names, places and keys.
  ///
  /// Pure: what is shown beforehand is what is sent.
  public struct DestinationEncoder: Sendable {
    public let dialect: Dialect
    let key: String?
    let layout: WireLayout
    let places: FieldPlaces
    /// Among them the standard fields whose values OTLP spells in its own way.
    let context: [Field]

    /// Creates an encoder.
    ///
    /// - Parameter layout: Instead of what the catalog's `accepts` says about this format.
    public init(
      _ format: Catalog.Delivery.Format, url: String, key: String?, catalog: Catalog,
      layout: WireLayout? = nil
    ) {
      dialect = Dialect(format, url: url)
      self.key = key
      self.layout = layout ?? WireLayout(catalog, dialect.family) ?? WireLayout()
      places = FieldPlaces(dialect, catalog, self.layout)
      context = catalog.context
    }

    /// One request's worth of events and its body.
    public struct Part: Sendable, Equatable {
      public var report: EventReport
      public var body: [UInt8]
    }

    /// Returns the requests that carry a report, and the events that no request of this format can hold.
    ///
    /// - Parameter limit: At most this many events in one, below the format's own limit.
    public func parts(of report: EventReport, sent: Timestamp, limit: Int = .max)
      -> (parts: [Part], tooLarge: [EventReport.Event])
    {
      let bounds = dialect.limits
      let most = max(1, min(limit, bounds.events))
      if dialect == .native { return NativeRequest.parts(of: report, most, bytes: bounds.bytes) }
      var parts: [Part] = []
      var tooLarge: [EventReport.Event] = []
      var events: [EventReport.Event] = []
      var fragments: [[UInt8]] = []
      var size = 0
      func close() {
        guard !events.isEmpty else { return }
        var part = report
        part.events = events
        parts.append(Part(report: part, body: envelope(fragments, of: part, sent: sent)))
        events = []
        fragments = []
        size = 0
      }
      let surroundings = envelope([], of: report, sent: sent).count
      for event in report.events {
        let fragment = fragment(event, of: report)
        if fragment.count > bounds.eventBytes {
          tooLarge.append(event)
          continue
        }
        if events.count >= most || surroundings + size + fragment.count + 1 > bounds.bytes { close() }
        events.append(event)
        fragments.append(fragment)
        size += fragment.count + 1
      }
      close()
      return (parts, tooLarge)
    }

    /// Returns a request's body; the caller has seen to its size.
    public func body(of report: EventReport, sent: Timestamp) -> [UInt8] {
      if dialect == .native { return NativeRequest.body(of: report) }
      return envelope(report.events.map { fragment($0, of: report) }, of: report, sent: sent)
    }

    /// The headers of a request; `Content-Encoding` is the sender's.
    public func headers(sent: Timestamp) -> [(name: String, value: String)] {
      var headers = [("Content-Type", "application/json")]
      switch dialect {
      case .native: return NativeRequest.headers(key: key, sent: sent)
      case .otlp, .json:
        if let key { headers.append(("Authorization", "Bearer \(key)")) }
      case .segment:
        if let key { headers.append(("Authorization", "Basic " + base64(Array("\(key):".utf8)))) }
      case .jitsu2:
        if let key { headers.append(("X-Write-Key", key)) }
        headers.append(("X-IP-Policy", "remove"))
      case .amplitude, .amplitudeBatch, .jitsu, .postHog: break
      }
      return headers
    }

    /// Whether the server reads compressed bodies.
    public var takesCompressed: Bool { dialect.takesCompressed }

    /// Whether a body says when it was sent, so that no two attempts have the same.
    public var tellsTimeOfSending: Bool { dialect.tellsTimeOfSending }

    /// The path of the server's own where the address has none; the native protocol's base has none that counts.
    public func path(after url: String) -> String? {
      let isWhole = dialect != .native && !Dialect.path(of: url).isEmpty
      return isWhole ? nil : dialect.standardPath
    }

    /// The family of formats whose layout fits this address.
    public static func family(_ format: Catalog.Delivery.Format, url: String) -> Catalog.Delivery.Format {
      Dialect(format, url: url).family
    }

    /// What the address ends in, after the path; Jitsu keeps the key there and its word about addresses.
    public var query: String {
      guard dialect == .jitsu else { return "" }
      return "ip_policy=strict" + (key.map { "&token=" + percentEncoded($0) } ?? "")
    }

    private func fragment(_ event: EventReport.Event, of report: EventReport) -> [UInt8] {
      var writer = JSONWriter(capacity: 512)
      switch dialect {
      case .native: break
      case .amplitude, .amplitudeBatch: amplitude(event, of: report).write(to: &writer)
      case .jitsu: jitsu(event, of: report).write(to: &writer)
      case .segment, .jitsu2: segment(event, of: report).write(to: &writer)
      case .postHog: postHog(event, of: report).write(to: &writer)
      case .otlp: logRecord(event, of: report, to: &writer)
      case .json: plain(event, of: report).write(to: &writer)
      }
      return writer.bytes
    }

    private func envelope(_ fragments: [[UInt8]], of report: EventReport, sent: Timestamp) -> [UInt8] {
      let list = Array(fragments.joined(separator: [UInt8(ascii: ",")]))
      var head = JSONWriter()
      var tail = "]"
      switch dialect {
      // Without a key it is none of Amplitude's own servers but a relay of it, which takes the bare list.
      case .amplitude, .amplitudeBatch:
        if let key {
          head.beginObject()
          head.key("api_key")
          head.string(key)
          head.key("events")
          tail = "]}"
        }
      case .segment, .jitsu2, .postHog:
        head.beginObject()
        if let key, dialect != .jitsu2 {
          head.key(dialect == .postHog ? "api_key" : "writeKey")
          head.string(key)
        }
        head.key(dialect == .postHog ? "sent_at" : "sentAt")
        head.string(sent.description)
        head.key("batch")
        tail = "]}"
      case .otlp:
        logsHead(of: report, to: &head)
        tail = "]}]}]}"
      case .native, .jitsu, .json: break
      }
      return head.bytes + [UInt8(ascii: "[")] + list + Array(tail.utf8)
    }
  }

  private func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        output.append(byte)
      default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var word: UInt32 = 0
      for index in 0..<3 { word = word << 8 | (index < group.count ? UInt32(group[start + index]) : 0) }
      for index in 0..<4 {
        let digit = alphabet[Int(word >> UInt32(18 - 6 * index) & 63)]
        output.append(index <= group.count ? digit : UInt8(ascii: "="))
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
#endif
