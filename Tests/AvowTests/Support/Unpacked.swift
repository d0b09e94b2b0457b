import Avow
import Foundation

/// Reads a request's body, compressed or not, with the system's own `gzip`.
enum Unpacked {
  static func json(_ request: TransportRequest) throws -> JSONValue {
    try JSONValue(parsing: try bytes(request))
  }

  static func bytes(_ request: TransportRequest) throws -> [UInt8] {
    guard request.headers.contains(.init("Content-Encoding", "gzip")) else { return request.body }
    let file = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString + ".gz"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(request.body).write(to: URL(fileURLWithPath: file))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-dc", file]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(data)
  }
}
