/// How long a program usually runs, which decides how its events are sent.
public enum TelemetryLifetime: Sendable, Equatable {
  /// Runs for long: one background thread sends, made at the first event.
  case service
  /// Ends soon: no thread and nothing at exit; events are sent by a later run, or by `flush(timeout:)`.
  case command
}
