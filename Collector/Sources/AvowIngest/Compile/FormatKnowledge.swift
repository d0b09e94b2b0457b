import AvowWire

/// What a format says by itself, before a catalog's mapping: where the parts of an event are, and which
/// members are the format's own envelope and none of the maintainer's data.
struct FormatKnowledge: Sendable {
  var event: [String] = ["event"]
  var id: [String] = []
  var time: [String] = []
  var user: [String] = []
  var session: [String] = []
  var flatten: [String] = []
  var standard: [StandardField: [String]] = [:]
  /// Known and silently unread: without this list every SDK batch would fill the quarantine.
  var envelope: [String] = []
  /// The same, in every `flatten` place too.
  var everywhere: [String] = []
  /// Names of its own begin with this.
  var ownPrefix: UInt8?

  static func of(_ format: Acceptance.Format) -> FormatKnowledge {
    switch format {
    case .amplitude: amplitude
    case .segment: segment
    case .posthog: posthog
    case .jitsu: jitsu
    case .otlp: otlp
    case .json: json
    }
  }

  func paths(for slot: Int) -> [String] {
    switch slot {
    case SlotNames.event: event
    case SlotNames.id: id
    case SlotNames.time: time
    case SlotNames.user: user
    default: session
    }
  }

  private static let amplitude = FormatKnowledge(
    event: ["event_type"], id: ["insert_id"], time: ["time"], user: ["user_id", "device_id"],
    session: ["session_id"], flatten: ["event_properties", "user_properties"],
    standard: [
      .appVersion: ["app_version", "version_name"], .osName: ["os_name", "platform"],
      .osVersion: ["os_version"], .language: ["language"],
    ],
    envelope: words(
      """
      event_type insert_id time user_id device_id session_id event_id groups group_properties \
      $skip_user_properties_sync app_version version_name platform os_name os_version device_brand \
      device_manufacturer device_model device_id carrier country region city dma language user_agent price \
      revenue quantity productId product_id revenueType revenue_type currency location_lat location_lng ip \
      idfa idfv adid android_id android_app_set_id plan library ingestion_metadata partner_id uuid \
      sequence_number extra tracking_options
      """))

  private static let segment = FormatKnowledge(
    event: ["event"], id: ["messageId"], time: ["originalTimestamp", "timestamp"],
    user: ["userId", "anonymousId"], flatten: ["properties", "traits", "context.traits"],
    standard: [
      .appVersion: ["context.app.version"], .osName: ["context.os.name"],
      .osVersion: ["context.os.version"], .language: ["context.locale"],
    ],
    envelope: words(
      """
      context integrations library messageId timestamp originalTimestamp sentAt receivedAt channel type event \
      userId anonymousId writeKey groupId previousId name category version rudderId _metadata batch request_ip
      """))

  private static let posthog = FormatKnowledge(
    id: ["uuid"], time: ["timestamp"], user: ["distinct_id", "$distinct_id", "properties.distinct_id"],
    session: ["$session_id", "session_id"], flatten: ["properties", "$set", "properties.$set"],
    standard: [
      .appVersion: ["$app_version"], .osName: ["$os"], .osVersion: ["$os_version"],
      .runtimeVersion: ["$python_version"],
    ],
    envelope: words(
      """
      event uuid timestamp distinct_id api_key token type library library_version offset now sent_at ip \
      site_url team_id context session_id window_id options send_feature_flags
      """),
    everywhere: ["distinct_id", "token"], ownPrefix: UInt8(ascii: "$"))

  private static let jitsu = FormatKnowledge(
    event: ["event_type"], id: ["eventn_ctx.event_id", "eventn_ctx_event_id", "event_id"],
    time: ["_timestamp", "utc_time"], user: ["user.anonymous_id"],
    envelope: words(
      """
      event_type eventn_ctx eventn_ctx_event_id event_id _timestamp utc_time api_key src source_ip ids user \
      local_tz_offset user_agent parsed_ua user_language doc_encoding doc_host doc_path doc_search page_title \
      referer screen_resolution url vp_size click_id utm location
      """))

  private static let otlp = FormatKnowledge(
    event: ["eventName", "event.name"], id: ["log.record.uid"],
    time: ["timeUnixNano", "observedTimeUnixNano"], user: ["user.id", "app.installation.id"],
    session: ["session.id", "service.instance.id"], flatten: ["attributes", "body", "resource"],
    standard: [
      .appVersion: ["service.version"], .osName: ["os.type", "os.name"], .osVersion: ["os.version"],
      .architecture: ["host.arch"], .runtimeVersion: ["process.runtime.version"],
    ],
    envelope: words(
      """
      eventName timeUnixNano observedTimeUnixNano severityNumber severityText traceId spanId flags \
      droppedAttributesCount body resource
      """),
    everywhere: [
      "event.name", "log.record.uid", "user.id", "app.installation.id", "session.id",
      "service.instance.id",
    ])

  private static let json = FormatKnowledge(
    id: ["id"], time: ["time"], user: ["user"], session: ["session"])

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
