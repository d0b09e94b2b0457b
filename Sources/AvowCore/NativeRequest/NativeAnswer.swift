/// The collector's answer to `POST /v1/events`.
///
/// ```
/// {"accepted":9,"duplicates":1,"refused":[{"n":3,"reason":"unknown_event","field":"x"}],"receipt":"<64 hex>"}
/// ```
public struct NativeAnswer: Sendable, Equatable {
  /// An event the collector did not take, or a field it removed from one.
  public struct Refusal: Sendable, Equatable {
    public var number: UInt32
    public var reason: String
    public var field: String?

    /// Creates a refusal.
    public init(number: UInt32, reason: String, field: String? = nil) {
      self.number = number
      self.reason = reason
      self.field = field
    }
  }

  public var accepted: Int
  public var duplicates: Int
  public var refused: [Refusal]
  /// SHA-256 of the JSON before compression, in hexadecimal.
  public var receipt: String

  /// Creates an answer.
  public init(accepted: Int, duplicates: Int = 0, refused: [Refusal] = [], receipt: String) {
    self.accepted = accepted
    self.duplicates = duplicates
    self.refused = refused
    self.receipt = receipt
  }

  /// Reads an answer; `nil` when it is none.
  @inlinable
  public init?(parsing body: some Sequence<UInt8>) { self.init(parsing: Array(body)) }

  /// Reads an answer; `nil` when it is none.
  public init?(parsing body: [UInt8]) {
    guard let json = try? JSONValue(parsing: body), let accepted = json["accepted"]?.integerValue else {
      return nil
    }
    self.init(
      accepted: Int(clamping: accepted), duplicates: Int(clamping: json["duplicates"]?.integerValue ?? 0),
      refused: (json["refused"]?.arrayValue ?? []).compactMap { item in
        guard let number = item["n"]?.integerValue, let number = UInt32(exactly: number) else { return nil }
        return Refusal(
          number: number, reason: item["reason"]?.stringValue ?? "unknown", field: item["field"]?.stringValue)
      },
      receipt: json["receipt"]?.stringValue ?? "")
  }

  /// The answer as JSON.
  public var bytes: [UInt8] {
    JSONValue.object([
      "accepted": .integer(Int64(accepted)), "duplicates": .integer(Int64(duplicates)),
      "refused": .array(
        refused.map { item in
          var members: [String: JSONValue] = [
            "n": .integer(Int64(item.number)), "reason": .string(item.reason),
          ]
          if let field = item.field { members["field"] = .string(field) }
          return .object(members)
        }),
      "receipt": .string(receipt),
    ]).bytes
  }
}
