import CAvowShims

/// A person in front of a terminal, who can be asked.
///
/// Programs use `.process`; tests make their own.
public struct TelemetryTerminal: Sendable {
  /// Whether what is printed on standard error is seen by a person.
  var isSeen: @Sendable () -> Bool
  /// Whether a question would be answered: both ends are terminals and the program is in front.
  var canAnswer: @Sendable () -> Bool
  var print: @Sendable (String) -> Void
  var readLine: @Sendable () -> String?

  /// Standard input and standard error.
  public static let process = TelemetryTerminal(
    isSeen: { avow_is_terminal(2) }, canAnswer: { avow_can_ask() }, print: { StandardError.write($0) },
    readLine: { Swift.readLine(strippingNewline: true) })

  /// Nobody is there.
  public static let none = TelemetryTerminal(
    isSeen: { false }, canAnswer: { false }, print: { _ in }, readLine: { nil })

  private init(
    isSeen: @escaping @Sendable () -> Bool, canAnswer: @escaping @Sendable () -> Bool,
    print: @escaping @Sendable (String) -> Void, readLine: @escaping @Sendable () -> String?
  ) {
    self.isSeen = isSeen
    self.canAnswer = canAnswer
    self.print = print
    self.readLine = readLine
  }

  /// A terminal whose person is a function's result.
  public static func custom(
    print: @escaping @Sendable (String) -> Void, readLine: @escaping @Sendable () -> String?
  ) -> TelemetryTerminal {
    TelemetryTerminal(isSeen: { true }, canAnswer: { true }, print: print, readLine: readLine)
  }
}

/// Standard error, written to without ever waiting or raising a signal.
enum StandardError {
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    // One call, so that the sentence is not torn by what others print.
    bytes.withUnsafeBufferPointer { avow_print_error($0.baseAddress, $0.count) }
  }
}
