import ArgumentParser
import AvowServer
import AvowWire
import Logging

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Receives events, stores what the catalogs declare, shows the dashboard.",
    discussion: """
      A flag wins over a variable, a variable over the file of --config, the file over the default. SIGTERM drains and stops; SIGHUP loads the \
      catalogs and the certificate again.
      """)

  @Option(
    name: .long, help: "HOST:PORT to listen on (AVOW_LISTEN; default 127.0.0.1:8765; port 0: any free one).")
  var listen: String?

  @OptionGroup var options: DataOptions

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "Catalog files, or folders of them (AVOW_CATALOG, separated by colons; default: what ran last).")
  var catalog: [String] = []

  @Flag(name: .long, help: "Serve the pages to this machine without signing in.")
  var open = false

  @Flag(name: .long, help: "A TLS-terminating proxy stands in front, so any address may be listened on.")
  var behindProxy = false

  @Flag(name: .long, help: "Take a catalog that changed without a new version: for development.")
  var acceptCatalog = false

  @Option(name: .long, help: "Keep the secret behind pseudonyms in this file instead of the data folder.")
  var pepperFile: String?

  @Flag(
    name: .long, help: "Take another secret than before, when that is lost: known users then count as new.")
  var newPepper = false

  @Option(name: .long, help: "trace, debug, info, notice, warning, error (AVOW_LOG_LEVEL; default info).")
  var logLevel: String?

  @Option(
    name: .long, parsing: .upToNextOption,
    help:
      "Addresses whose X-Forwarded-For is believed, such as 10.0.0.0/8 (AVOW_TRUSTED_PROXIES, separated by commas; default: this machine)."
  )
  var trustedProxy: [String] = []

  @Option(
    name: .long,
    help: "Requests a second one address may send in the long run, or off (AVOW_LIMIT_ADDRESS; default 200).")
  var limitAddress: String?

  @Option(
    name: .long, help: "Events a second one app may send in the long run (AVOW_LIMIT_APP; default off).")
  var limitApp: String?

  @Option(
    name: .long, help: "Events a second one write key may send in the long run (AVOW_LIMIT_KEY; default off)."
  )
  var limitKey: String?

  @Option(
    name: .long,
    help:
      "The certificate to speak TLS with, PEM, with those in between (AVOW_TLS_CERTIFICATE); read again when it changes."
  )
  var tlsCertificate: String?

  @Option(name: .long, help: "The certificate's private key, PEM (AVOW_TLS_KEY).")
  var tlsKey: String?

  @Option(
    name: .long,
    help:
      "Seconds a request's body may stand still, or lag behind 16 KiB a second (AVOW_BODY_PATIENCE; default 20)."
  )
  var bodyPatience: String?

  @Option(name: .long, help: "A file with a line NAME=value for each variable (AVOW_CONFIG).")
  var config: String?

  func run() async throws {
    Allocator.boundMemory()
    let flags = [
      "AVOW_LIMIT_ADDRESS": limitAddress, "AVOW_LIMIT_APP": limitApp, "AVOW_LIMIT_KEY": limitKey,
      "AVOW_TLS_CERTIFICATE": tlsCertificate, "AVOW_TLS_KEY": tlsKey, "AVOW_BODY_PATIENCE": bodyPatience,
    ]
    let settings = try Settings(file: config ?? Environment["AVOW_CONFIG"]) { name in
      (flags[name] ?? nil) ?? Environment[name]
    }
    let folder = options.data ?? settings["AVOW_DATA"] ?? "avow-data"
    let (host, port) = try Self.address(listen ?? settings["AVOW_LISTEN"] ?? "127.0.0.1:8765")
    let paths =
      catalog.isEmpty
      ? (settings["AVOW_CATALOG"] ?? "").split(separator: ":").map(String.init) : catalog
    let named =
      trustedProxy.isEmpty
      ? (settings["AVOW_TRUSTED_PROXIES"] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
      : trustedProxy
    let proxies = try named.map { text in
      guard let range = AddressRange(text) else {
        throw ValidationError("\"\(text)\" is no address or range such as 10.0.0.0/8")
      }
      return range
    }
    let isOpen = try open || settings.flag("AVOW_OPEN")
    if paths.isEmpty, !DataFolder.exists(folder) {
      throw CollectorError(.usage, "no catalog given; name one with --catalog telemetry.yaml")
    }
    var logger = Logger(label: "avow") { StreamLogHandler.standardError(label: $0) }
    let level = logLevel ?? settings["AVOW_LOG_LEVEL"] ?? "info"
    guard let parsed = Logger.Level(rawValue: level) else {
      throw ValidationError("\"\(level)\" is no log level; use trace, debug, info, notice, warning or error")
    }
    logger.logLevel = parsed
    // SQLite's temporary files, as large as the database at night, belong on the data's disk.
    setenv("SQLITE_TMPDIR", folder, 0)
    var configuration = CollectorConfiguration(
      host: host, port: port, dataFolder: folder, catalogPaths: paths, isOpen: isOpen,
      pepperFile: pepperFile ?? settings["AVOW_PEPPER_FILE"], acceptsChangedCatalogs: acceptCatalog,
      isBehindProxy: try behindProxy || settings.flag("AVOW_BEHIND_PROXY"),
      trustedProxies: proxies.isEmpty ? nil : proxies,
      requestsPerAddress: try settings.rate("AVOW_LIMIT_ADDRESS", default: 200),
      eventsPerApp: try settings.rate("AVOW_LIMIT_APP", default: nil),
      eventsPerKey: try settings.rate("AVOW_LIMIT_KEY", default: nil), tls: try settings.tls(),
      bodyPatience: try settings.seconds("AVOW_BODY_PATIENCE", default: 20))
    configuration.acceptsNewPepper = newPepper
    let collector = try await buildCollector(
      configuration: configuration,
      store: { [logger] in try await openStore($0, clock: SystemClock(), logger: logger) }, logger: logger)
    let apps = collector.state.catalogs.catalogs.map(\.app).joined(separator: ", ")
    guard !apps.isEmpty else {
      await collector.close()
      throw CollectorError(.usage, "no catalog given and none kept from before; name one with --catalog")
    }
    try await collector.run { address in
      printLine("Listening on \(address)")
      printLine("Apps: \(apps)")
      if isOpen {
        printLine("Dashboard: \(address)/ (open to this machine)")
      } else {
        let code = collector.signInCode()
        printLine("Dashboard: \(address)/sign-in?code=\(code) (works once, for ten minutes)")
      }
    }
  }

  /// Takes `HOST:PORT` apart; an IPv6 address stands in brackets.
  static func address(_ text: String) throws -> (host: String, port: Int) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else {
      throw ValidationError("--listen wants HOST:PORT, such as 127.0.0.1:8765")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    return (host.isEmpty ? "127.0.0.1" : String(host), port)
  }
}

/// Prints a line at once, also into a pipe.
func printLine(_ line: String) {
  print(line)
  flushOutput()
}
