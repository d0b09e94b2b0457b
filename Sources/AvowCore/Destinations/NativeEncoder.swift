#if !ForeignFormats
  /// Turns reports into requests of the native protocol, all that a program built without the trait
  /// `ForeignFormats` speaks.
  ///
  /// Pure: what is shown beforehand is what is sent.
  public struct DestinationEncoder: Sendable {
    let key: String?

    /// Creates an encoder; other formats than `avow` never get here.
    public init(
      _ format: Catalog.Delivery.Format, url: String, key: String?, catalog: Catalog,
      layout: WireLayout? = nil
    ) {
      self.key = key
    }

    /// One request's worth of events and its body.
    public struct Part: Sendable, Equatable {
      public var report: EventReport
      public var body: [UInt8]
    }

    /// Returns the requests that carry a report, and the events that no request can hold.
    public func parts(of report: EventReport, sent: Timestamp, limit: Int = .max)
      -> (parts: [Part], tooLarge: [EventReport.Event])
    {
      NativeRequest.parts(of: report, max(1, min(limit, 2_000)), bytes: 1_000_000)
    }

    /// Returns a request's body; the caller has seen to its size.
    public func body(of report: EventReport, sent: Timestamp) -> [UInt8] { NativeRequest.body(of: report) }

    /// The headers of a request; `Content-Encoding` is the sender's.
    public func headers(sent: Timestamp) -> [(name: String, value: String)] {
      NativeRequest.headers(key: key, sent: sent)
    }

    /// Returns what an answer means.
    public func verdict(status: Int, body: [UInt8], for report: EventReport) -> Verdict {
      status == 413 ? .tooLarge : NativeRequest.verdict(status, body, report)
    }

    /// The path below the collector's base.
    public func path(after url: String) -> String? { NativeRequest.eventsPath }

    public var takesCompressed: Bool { true }
    public var tellsTimeOfSending: Bool { false }
    public var query: String { "" }

    /// The family of formats whose layout fits this address.
    public static func family(_ format: Catalog.Delivery.Format, url: String) -> Catalog.Delivery.Format {
      format
    }
  }
#endif
