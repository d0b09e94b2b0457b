/// Settings from flags, environment and a file, by one precedence: a flag wins over a variable, a variable
/// over the file, the file over the default.
///
/// The file has a line `NAME=value` for each, under the very names of the variables, so that it also serves as
/// an environment file of systemd and of containers, and no other format is to be learnt.
public struct Settings: Sendable {
  /// The variables there are.
  public static let names = [
    "AVOW_LISTEN", "AVOW_DATA", "AVOW_CATALOG", "AVOW_OPEN", "AVOW_BEHIND_PROXY", "AVOW_TRUSTED_PROXIES",
    "AVOW_PEPPER_FILE", "AVOW_LOG_LEVEL", "AVOW_LIMIT_ADDRESS", "AVOW_LIMIT_APP", "AVOW_LIMIT_KEY",
    "AVOW_TLS_CERTIFICATE", "AVOW_TLS_KEY", "AVOW_BODY_PATIENCE",
  ]

  private var file: [String: String] = [:]
  private let environment: @Sendable (String) -> String?

  /// Reads the file, when there is one.
  ///
  /// - Throws: `CollectorError` naming the line that is wrong.
  public init(
    file path: String?, environment: @escaping @Sendable (String) -> String?
  ) throws(CollectorError) {
    self.environment = environment
    guard let path else { return }
    guard let bytes = SmallFile.read(path, limit: 1 << 20) else {
      throw CollectorError(.usage, "cannot read the settings \(path)")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let text = String(line).trimmingSpaces
      if text.isEmpty || text.hasPrefix("#") { continue }
      let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(halves[0]).trimmingSpaces
      guard halves.count == 2, Self.names.contains(name) else {
        throw CollectorError(
          .usage,
          "\(path):\(index + 1): a line is NAME=value, with a name of \(Self.names.joined(separator: ", "))")
      }
      var value = String(halves[1]).trimmingSpaces
      if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
        value = String(value.dropFirst().dropLast())
      }
      file[name] = value
    }
  }

  /// The value of a setting, unless a flag gives it.
  public subscript(name: String) -> String? { environment(name) ?? file[name] }

  /// A setting that is on or off.
  ///
  /// - Throws: `CollectorError` for a value that is neither.
  public func flag(_ name: String) throws(CollectorError) -> Bool {
    switch self[name]?.lowercased() {
    case nil, "", "0", "false", "no", "off": false
    case "1", "true", "yes", "on": true
    default: throw CollectorError(.usage, "\(name) is on or off")
    }
  }

  /// The files of the certificate; `nil` when neither is named.
  ///
  /// - Throws: `CollectorError` when one of the two is missing.
  public func tls() throws(CollectorError) -> TLSFiles? {
    func named(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
    switch (named("AVOW_TLS_CERTIFICATE"), named("AVOW_TLS_KEY")) {
    case (nil, nil): return nil
    case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
    case (_, nil):
      throw CollectorError(.usage, "a certificate needs its key: give --tls-key (AVOW_TLS_KEY) too")
    case (nil, _):
      throw CollectorError(
        .usage, "a key needs its certificate: give --tls-certificate (AVOW_TLS_CERTIFICATE) too")
    }
  }

  /// A setting that is a time in seconds.
  ///
  /// - Throws: `CollectorError` for anything but a number from 0.1 to 3600.
  public func seconds(_ name: String, default value: Double) throws(CollectorError) -> Duration {
    guard let text = self[name], !text.isEmpty else { return .seconds(value) }
    guard let number = Double(text), (0.1...3600).contains(number) else {
      throw CollectorError(.usage, "\(name) is a number of seconds from 0.1 to 3600")
    }
    return .seconds(number)
  }

  /// A setting that is a number above zero; `default` when it is absent, `nil` for `off`.
  public func rate(_ name: String, default value: Double?) throws(CollectorError) -> Double? {
    guard let text = self[name], !text.isEmpty else { return value }
    if text == "off" { return nil }
    guard let number = Double(text), number > 0, number.isFinite else {
      throw CollectorError(.usage, "\(name) is a number a second, or off")
    }
    return number
  }
}
