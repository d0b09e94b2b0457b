import AvowWire

/// Something an operator asks of a collector, by command, control socket or HTTP.
public struct AdminRequest: Sendable {
  public var method: String
  /// Below `/admin/`, such as `keys`.
  public var path: String
  /// From the query and a form body together.
  public var parameters: [(name: String, value: String)]
  /// What is not a form, such as lines to import.
  public var body: [UInt8] = []
  /// Whether the folder's owner asks, on this machine, who may name files of it.
  public var isOwner = true

  /// Creates a request.
  public init(
    _ method: String, _ path: String, _ parameters: [(name: String, value: String)] = [], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.parameters = parameters
    self.body = body
  }

  subscript(name: String) -> String? {
    parameters.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  func required(_ name: String) throws(CollectorError) -> String {
    guard let value = self[name] else {
      throw CollectorError(.usage, "the parameter \"\(name)\" is missing")
    }
    return value
  }

  /// A day given as `YYYY-MM-DD`.
  func day(_ name: String) throws(CollectorError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let date = CivilDate(text) else {
      throw CollectorError(.usage, "\(name) wants a date such as 2026-01-31")
    }
    return date.dayNumber
  }
}

/// What an operator gets back.
public struct AdminResponse: Sendable {
  /// Takes a piece of a long answer.
  public typealias Write = @Sendable ([UInt8]) async throws -> Void

  public enum Body: Sendable {
    case bytes([UInt8])
    /// Produced while it is sent, so that an export of any size needs little memory.
    case stream(@Sendable (Write) async throws -> Void)
  }

  public var status: Int
  public var contentType: String
  public var body: Body

  /// An answer in JSON.
  static func json(_ value: JSONValue, status: Int = 200) -> AdminResponse {
    AdminResponse(status: status, contentType: "application/json", body: .bytes(value.bytes + [0x0A]))
  }

  /// An answer in plain text.
  static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> AdminResponse {
    AdminResponse(status: 200, contentType: contentType, body: .bytes(Array(text.utf8)))
  }

  /// What went wrong, in the words of the error.
  static func failure(_ error: CollectorError) -> AdminResponse {
    let status =
      switch error.code {
      case .notFound: 404
      case .usage, .catalog: 400
      case .locked, .port, .dataFolder, .failed: 500
      }
    return .json(["error": .string(error.message)], status: status)
  }
}
