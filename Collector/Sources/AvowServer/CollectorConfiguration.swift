/// How a collector runs: what `avow serve` gathers from flags, environment and defaults.
public struct CollectorConfiguration: Sendable {
  /// The address to listen on; a name or a number.
  public var host: String
  /// The port, 0 for any free one.
  public var port: Int
  /// The folder that holds everything the collector keeps.
  public var dataFolder: String
  /// Catalog files, or folders of them.
  public var catalogPaths: [String]
  /// Serve pages without signing in, on loopback only.
  public var isOpen: Bool
  /// A file with the secret that pseudonyms are made with; `nil` keeps it in the data folder.
  public var pepperFile: String?
  /// Take another pepper than the folder knows, for one whose pepper is lost.
  public var acceptsNewPepper = false
  /// Take a catalog whose content changed without a new version: for development.
  public var acceptsChangedCatalogs: Bool
  /// A TLS-terminating proxy stands before the collector, so other addresses than loopback are fine.
  public var isBehindProxy: Bool
  /// Whose `X-Forwarded-For` is believed when a proxy stands in front.
  public var trustedProxies: [AddressRange]
  /// How many requests a second one address may send in the long run; `nil` for any number.
  public var requestsPerAddress: Double?
  /// How many events a second one app may send in the long run; `nil` for any number.
  public var eventsPerApp: Double?
  /// How many events a second one write key may send in the long run; `nil` for any number.
  public var eventsPerKey: Double?
  /// The files of the certificate to speak TLS with; `nil` for plain HTTP.
  public var tls: TLSFiles?
  /// How long a request's body may stand still, or lag behind 16 KiB a second.
  public var bodyPatience: Duration

  /// Creates a configuration; the defaults are those of `avow serve`.
  public init(
    host: String = "127.0.0.1", port: Int = 8765, dataFolder: String, catalogPaths: [String],
    isOpen: Bool = false, pepperFile: String? = nil, acceptsChangedCatalogs: Bool = false,
    isBehindProxy: Bool = false, trustedProxies: [AddressRange]? = nil, requestsPerAddress: Double? = 200,
    eventsPerApp: Double? = nil, eventsPerKey: Double? = nil, tls: TLSFiles? = nil,
    bodyPatience: Duration = .seconds(20)
  ) {
    self.host = host
    self.port = port
    self.dataFolder = dataFolder
    self.catalogPaths = catalogPaths
    self.isOpen = isOpen
    self.pepperFile = pepperFile
    self.acceptsChangedCatalogs = acceptsChangedCatalogs
    self.isBehindProxy = isBehindProxy
    self.trustedProxies = trustedProxies ?? AddressRange.loopback
    self.requestsPerAddress = requestsPerAddress
    self.eventsPerApp = eventsPerApp
    self.eventsPerKey = eventsPerKey
    self.tls = tls
    self.bodyPatience = bodyPatience
  }

  /// Whether the address can be reached from this machine only.
  public var isLoopback: Bool { Loopback.isName(host) }

  /// Checks what can be checked without touching anything.
  ///
  /// - Throws: `CollectorError` naming the setting and how to mend it.
  public func validate() throws(CollectorError) {
    guard (0...65535).contains(port) else {
      throw CollectorError(.usage, "port \(port) is no port; choose one from 0 (any free one) to 65535")
    }
    guard isLoopback || isBehindProxy || tls != nil else {
      throw CollectorError(
        .usage,
        "listening on \(host) would send keys and data in the clear; give --tls-certificate and --tls-key, or put a TLS proxy before the collector and say --behind-proxy, or listen on 127.0.0.1"
      )
    }
    guard !isOpen || isLoopback else {
      throw CollectorError(.usage, "--open serves pages to anyone, so it works on a loopback address only")
    }
    guard !isOpen || !isBehindProxy else {
      throw CollectorError(
        .usage,
        "--open serves pages to whoever comes from this machine, and with --behind-proxy everybody does: leave one of them out"
      )
    }
  }
}

/// Names and numbers of this machine's own loopback.
enum Loopback {
  static func isName(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host == "[::1]" || isIPv4(host)
  }

  private static func isIPv4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
