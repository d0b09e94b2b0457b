import Avow
import Foundation

/// A collector behind TLS with a certificate that nobody has signed: the system's `openssl` and a pipe.
final class TLSServer {
  struct Unavailable: Error {}

  let folder: String
  private(set) var port = 0
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var text: [UInt8] = []

  static let openssl = "/usr/bin/openssl"
  static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

  /// - Parameter host: What the certificate is for and where it listens.
  init(host: String) throws {
    folder = FileManager.default.temporaryDirectory.path + "/avow-tls-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let maker = Process()
    maker.executableURL = URL(fileURLWithPath: Self.openssl)
    maker.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj",
      "/CN=\(host)", "-addext", "subjectAltName=IP:\(host)", "-keyout", key, "-out", certificate,
    ]
    maker.standardError = FileHandle.nullDevice
    try maker.run()
    maker.waitUntilExit()
    guard maker.terminationStatus == 0 else { throw Unavailable() }
    process.executableURL = URL(fileURLWithPath: Self.openssl)
    process.arguments = ["s_server", "-accept", "\(host):0", "-cert", certificate, "-key", key]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    // ACCEPT 127.0.0.2:41234
    while port == 0 {
      guard read() else { throw Unavailable() }
      for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasPrefix("ACCEPT ")
      {
        port = line.split(separator: ":").last.flatMap { Int($0) } ?? 0
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var certificate: String { folder + "/cert.pem" }
  private var key: String { folder + "/key.pem" }

  /// Waits for a request and answers it as a collector does.
  func answerOne() -> TransportRequest? {
    while true {
      if let start = String(decoding: text, as: UTF8.self).range(of: "POST ") {
        let whole = String(decoding: text, as: UTF8.self)
        if let request = HTTPReader.request(in: Array(whole[start.lowerBound...].utf8)) {
          let answer =
            "HTTP/1.1 200 OK\r\nContent-Length: \(Listener.acceptance.utf8.count)\r\n\r\n\(Listener.acceptance)"
          input.fileHandleForWriting.write(Data(answer.utf8))
          return request
        }
      }
      guard read() else { return nil }
    }
  }

  func stop() {
    // A child of the test runner has its signals blocked; this one nobody can block.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private func read() -> Bool {
    let data = output.fileHandleForReading.availableData
    text += data
    return !data.isEmpty
  }
}
