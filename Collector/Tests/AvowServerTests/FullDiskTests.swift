import AvowDemo
import AvowStore
import AvowStoreSQLite
import AvowWire
import Foundation
import GRDB
import Testing

@testable import AvowServer

/// A file system of a few megabytes, gone with the value.
private final class SmallDisk {
  let path: String

  init(megabytes: Int) throws {
    path = NSTemporaryDirectory() + "avow-disk-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard Self.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path]) else {
      try? FileManager.default.removeItem(atPath: path)
      throw CocoaError(.fileWriteNoPermission)
    }
  }

  deinit {
    _ = Self.run("umount", ["-l", path])
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Whether this user may mount one here.
  static let isPossible = (try? SmallDisk(megabytes: 1)) != nil

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

struct FullDiskTests {
  @Test(.enabled(if: SmallDisk.isPossible, "a small file system cannot be mounted here; that needs root"))
  func `a full disk is answered with 503, loses nothing, and goes on when there is room`() async throws {
    let disk = try SmallDisk(megabytes: 12)
    let data = disk.path + "/data"
    let filler = disk.path + "/filler"
    try Data(repeating: 1, count: 7 << 20).write(to: URL(fileURLWithPath: filler))
    try await RunningCollector.with(configure: { $0.dataFolder = data }) { running async throws in
      let key = try await running.key()
      var accepted: Set<Int64> = []
      func send(_ number: Int) async throws -> LoopbackClient.Answer {
        let events = (0..<100).map {
          #"{"n":\#($0),"name":"weave","time":\#(RunningCollector.now.milliseconds - Int64(number * 1000 + $0)),"properties":{"rows":\#(number * 100 + $0)}}"#
        }.joined(separator: ",")
        let segment = String(format: "%024x", number + 1)
        let body =
          #"{"app":"weaver","segment":"\#(segment)","user":"\#(String(format: "%032x", number + 1))","context":{},"events":[\#(events)]}"#
        return try await running.send(
          "POST", "/v1/events",
          headers: [
            (name: "Authorization", value: "Bearer \(key)"),
            (name: "Content-Type", value: "application/json"),
            (name: "Avow-Sent", value: "\(RunningCollector.now.milliseconds)"),
          ], body: Array(body.utf8))
      }
      func stored() async throws -> [Int64] {
        try await running.admin("GET", "export", [("app", "weaver")]).text.split(separator: "\n").map {
          try JSONValue(parsing: Array($0.utf8))["properties"]?["rows"]?.integerValue ?? -1
        }
      }
      var refused: Int?
      for number in 0..<2000 {
        let answer = try await send(number)
        guard answer.status == 200 else {
          #expect(answer.status == 503)
          #expect(answer.headers["retry-after"] != nil)
          refused = number
          break
        }
        accepted.formUnion((0..<100).map { Int64(number * 100 + $0) })
      }
      let full = try #require(refused, "the disk never filled")
      #expect(accepted.count > 500)
      // It stays so, and questions are still answered.
      #expect(try await send(full).status == 503)
      #expect(try await running.send("GET", "/health").status == 200)
      let meanwhile = try await stored()
      #expect(meanwhile.count == accepted.count && Set(meanwhile) == accepted)
      #expect(
        FolderCheck(folder: data, pepperFile: nil).findings().contains {
          $0.subject == "room" && $0.severity == .error
        })

      try FileManager.default.removeItem(atPath: filler)
      // The same body again, as clients do.
      #expect(try await send(full).status == 200)
      accepted.formUnion((0..<100).map { Int64(full * 100 + $0) })
      let after = try await stored()
      #expect(after.count == accepted.count && Set(after) == accepted)
      let user = String(format: "%032x", 1)
      let receipt = try JSONValue(
        parsing: try await running.admin("POST", "forget", [("app", "weaver"), ("user", user)]).text)
      #expect(receipt["status"] == "erased" && receipt["events"] == 100)
      #expect(
        StoreCheck(folder: data, now: RunningCollector.now).findings().allSatisfy { $0.severity == .fine })
    }
  }
}
