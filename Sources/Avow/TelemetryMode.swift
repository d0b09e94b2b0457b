/// How much happens to what a program records, from least to most.
public enum TelemetryMode: String, Sendable, Hashable, Comparable, CaseIterable {
  /// Nothing is recorded.
  case disabled
  /// Recorded on this machine for its user's eyes, never sent.
  case local
  /// Recorded and sent.
  case enabled

  var rank: UInt8 {
    switch self {
    case .disabled: 0
    case .local: 1
    case .enabled: 2
    }
  }

  init?(rank: UInt8) {
    switch rank {
    case 0: self = .disabled
    case 1: self = .local
    case 2: self = .enabled
    default: return nil
    }
  }

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}
