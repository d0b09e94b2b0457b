/// Where events go and in which form.
public struct Destination: Sendable, Equatable {
  /// The collector's base address: `https://...`, `http://...` or `unix:/path/of/socket`.
  public var url: String
  /// The write key, public by nature.
  public var key: String?
  public var format: Catalog.Delivery.Format
  /// Where a foreign format's requests hold what differs from its own places; `nil`: as the generated code
  /// or the catalog's `accepts` has it.
  public var layout: WireLayout? {
    get { layouts.first }
    set { layouts = newValue.map { [$0] } ?? [] }
  }
  // A list of one or none: in place it would make every copy of an absent destination dear.
  private var layouts: [WireLayout] = []

  /// Creates a destination.
  public init(
    url: String, key: String? = nil, format: Catalog.Delivery.Format = .avow, layout: WireLayout? = nil
  ) {
    self.url = url
    self.key = key
    self.format = format
    self.layout = layout
  }

  /// Returns where events go: `AVOW_URL`, `AVOW_FORMAT` and `AVOW_KEY` before what the host says before the
  /// catalog.
  ///
  /// - Parameter layout: What the generated code says about a format.
  static func resolve(
    _ catalog: Catalog, given: Destination?, _ environment: TelemetryEnvironment,
    layout: (Catalog.Delivery.Format) -> WireLayout? = { _ in nil }
  ) -> Destination? {
    // In another format than the one meant nothing is to leave the machine.
    guard problem(environment) == nil else { return nil }
    var found =
      given
      ?? catalog.delivery.to.map {
        Destination(url: $0, key: catalog.delivery.key, format: catalog.delivery.format)
      }
    if let url = environment.trustedValue("AVOW_URL"), !url.isEmpty {
      found = Destination(url: url, key: found?.key, format: format(environment) ?? .avow)
    }
    if let key = environment.trustedValue("AVOW_KEY"), !key.isEmpty { found?.key = key }
    guard let given = found else { return nil }
    #if !ForeignFormats
      if given.format != .avow { return nil }
    #endif
    if given.layout == nil {
      found?.layout = layout(DestinationEncoder.family(given.format, url: given.url))
    }
    return found
  }

  /// What is wrong with the word for a format, wherever it was said.
  static func problem(_ catalog: Catalog, given: Destination?, _ environment: TelemetryEnvironment) -> String?
  {
    #if !ForeignFormats
      let hasAddress = environment.trustedValue("AVOW_URL")?.isEmpty == false
      let meant =
        hasAddress
        ? format(environment) : given?.format ?? (catalog.delivery.to.map { _ in catalog.delivery.format })
      if let meant, meant != .avow {
        return "this program was built without the formats of others (\(meant.rawValue)), so nothing is sent"
      }
    #endif
    return problem(environment)
  }

  /// What is wrong with the variables that say where events go.
  private static func problem(_ environment: TelemetryEnvironment) -> String? {
    guard let word = environment.trustedValue("AVOW_FORMAT"), !word.isEmpty else { return nil }
    guard format(environment) != nil else {
      let known = Catalog.Delivery.Format.allCases.map(\.rawValue).joined(separator: ", ")
      return "AVOW_FORMAT names no format, so nothing is sent; there are \(known)"
    }
    let hasAddress = environment.trustedValue("AVOW_URL")?.isEmpty == false
    return hasAddress ? nil : "AVOW_FORMAT is for the address in AVOW_URL, which is not set; nothing is sent"
  }

  private static func format(_ environment: TelemetryEnvironment) -> Catalog.Delivery.Format? {
    environment.trustedValue("AVOW_FORMAT").flatMap { Catalog.Delivery.Format(rawValue: $0) }
  }

  func encoder(for catalog: Catalog) -> DestinationEncoder {
    DestinationEncoder(format, url: url, key: key, catalog: catalog, layout: layout)
  }

  /// Returns an address below the base.
  func address(_ path: String) -> String {
    var base = Substring(url)
    while base.hasSuffix("/") { base.removeLast() }
    // unix:/run/collector.sock:/path
    if base.hasPrefix("unix:"), !base.dropFirst(5).contains(":") { base += ":" }
    return base + path
  }

  /// Returns where events go: an address with a path of its own is taken as it is, except by the native
  /// protocol, whose base it is.
  func address(for encoder: DestinationEncoder) -> String {
    let whole = encoder.path(after: url).map { address($0) } ?? url
    let query = encoder.query
    guard !query.isEmpty else { return whole }
    return whole + (whole.contains("?") ? "&" : "?") + query
  }

  /// Returns the request that carries a body of the encoder's.
  func request(_ encoder: DestinationEncoder, body: [UInt8], sent: Timestamp, compress: Bool)
    -> TransportRequest
  {
    request(
      to: address(for: encoder), headers: encoder.headers(sent: sent), body: body,
      compress: compress && encoder.takesCompressed)
  }

  /// Returns a request of the native protocol; compressed where that saves something.
  func request(_ path: String, body: [UInt8], sent: Timestamp?, compress: Bool) -> TransportRequest {
    var headers = [("Content-Type", "application/json")]
    if let key { headers.append(("Authorization", "Bearer \(key)")) }
    if let sent { headers.append((NativeRequest.sentHeader, String(sent.milliseconds))) }
    return request(to: address(path), headers: headers, body: body, compress: compress)
  }

  private func request(
    to url: String, headers: [(name: String, value: String)], body: [UInt8], compress: Bool
  ) -> TransportRequest {
    var headers = headers.map { TransportRequest.Header($0.name, $0.value) }
    var bytes = body
    if compress, body.count > 1024, let packed = Gzip.compress(body) {
      bytes = packed
      headers.append(.init("Content-Encoding", "gzip"))
    }
    return TransportRequest(url: url, headers: headers, body: bytes)
  }
}
