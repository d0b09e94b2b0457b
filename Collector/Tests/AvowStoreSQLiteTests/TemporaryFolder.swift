import Foundation
import Logging

/// A folder that goes with the value that made it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "avow-store-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Logger {
  /// Says nothing.
  static var quiet: Logger { Logger(label: "avow.test") { _ in SwiftLogNoOpLogHandler() } }
}
