/// The addresses every vendor's SDK knows, the same for all apps.
enum VendorRoute: Equatable {
  case native
  case amplitude
  case amplitudeIdentify(isGroup: Bool)
  /// `/batch`: Amplitude's, or PostHog's, or Jitsu 2's; the body tells.
  case batch(hasSlash: Bool)
  case jitsu(JitsuCall)
  /// `nil`: a batch, or a call whose type stands in the body; else the type of a single call.
  case segment(call: String?, SegmentDialect)
  case segmentSettings
  case posthog
  case posthogCapture
  case posthogStart(PostHogStart)
  case otlp
  /// Known, and not accepted.
  case snowplow

  /// Jitsu classic's ways in.
  enum JitsuCall: Equatable { case events, bulk, pixel }

  /// What PostHog's SDKs ask before they send.
  enum PostHogStart: Equatable { case flags, config, script }

  /// The route of a path without its trailing slash, `nil` for one that no SDK knows.
  init?(path: String, original: String) {
    switch path {
    case "/v1/events": self = .native
    case "/2/httpapi": self = .amplitude
    case "/identify": self = .amplitudeIdentify(isGroup: false)
    case "/groupidentify": self = .amplitudeIdentify(isGroup: true)
    case "/batch": self = .batch(hasSlash: original.hasSuffix("/"))
    case "/api/v1/event", "/api/v1/events", "/api/v1/s2s/event", "/api/v1/s2s/events": self = .jitsu(.events)
    case "/api/v1/events/bulk": self = .jitsu(.bulk)
    case "/api/v1/p.gif": self = .jitsu(.pixel)
    case "/api/v1/segment", "/api/v1/segment/v1/batch", "/api/v1/segment/compat",
      "/api/v1/segment/compat/v1/batch", "/v1/batch", "/v1/b", "/v1/import":
      self = .segment(call: nil, .segment)
    case "/beacon/v1/batch": self = .segment(call: nil, .rudderStack)
    case "/pixel/v1/track", "/pixel/v1/page":
      self = .segment(call: String(path.dropFirst(10)), .rudderPixel)
    case "/v1/merge": self = .segment(call: "merge", .rudderStack)
    case "/v1/identify", "/v1/track", "/v1/page", "/v1/screen", "/v1/group", "/v1/alias":
      self = .segment(call: String(path.dropFirst(4)), .segment)
    case "/b", "/api/s/s2s/batch": self = .segment(call: nil, .jitsuServer)
    case "/i/v0/e", "/e", "/track", "/engage", "/capture": self = .posthog
    case "/i/v1/analytics/events": self = .posthogCapture
    case "/flags", "/decide": self = .posthogStart(.flags)
    case "/v1/logs", "/i/v1/logs": self = .otlp
    case "/i": self = .snowplow
    default:
      if let route = Self(prefixOf: path) { self = route } else { return nil }
    }
  }

  private init?(prefixOf path: String) {
    if path.hasPrefix("/api/s/s2s/"), let call = Self.jitsuCall(path.dropFirst(11)) {
      self = .segment(call: call, .jitsuServer)
    } else if path.hasPrefix("/api/s/"), let call = Self.jitsuCall(path.dropFirst(7)) {
      self = .segment(call: call, .jitsuBrowser)
    } else if path.hasPrefix("/api/px/"), let call = Self.jitsuCall(path.dropFirst(8)) {
      self = .segment(call: call, .jitsuPixel)
    } else if path.hasPrefix("/api."), !path.dropFirst(5).contains("/") {
      // Jitsu's browsers ask for a made-up name there, so that blockers' lists do not know it.
      self = .jitsu(.events)
    } else if path.hasPrefix("/v1/projects/"), path.hasSuffix("/settings") {
      self = .segmentSettings
    } else if path.hasPrefix("/array/"), path.hasSuffix("/config") {
      self = .posthogStart(.config)
    } else if path.hasPrefix("/array/"), path.hasSuffix("/config.js") {
      self = .posthogStart(.script)
    } else if path.hasPrefix("/com.snowplowanalytics.") {
      self = .snowplow
    } else {
      return nil
    }
  }

  /// The call behind Jitsu 2's `{type}` or its first letter; an empty one where the body says it.
  private static func jitsuCall(_ type: Substring) -> String? {
    switch type {
    case "page", "p": "page"
    case "identify", "i": "identify"
    case "track", "t": "track"
    case "group", "g": "group"
    case "alias", "a": "alias"
    case "screen", "s": "screen"
    case "event", "e": ""
    default: nil
    }
  }
}
