import Foundation
import Testing

@testable import AvowServer

struct DataFolderTests {
  @Test func `a missing folder is made and marked, for its owner alone`() throws {
    let parent = try TemporaryFolder()
    let path = parent.path + "/deep/data"
    let folder = try DataFolder(opening: path)
    #expect(DataFolder.exists(folder.path))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test func `a folder with other files in it is refused and left as it was`() throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", to: "thesis.txt")
    let error = #expect(throws: CollectorError.self) { try DataFolder(opening: folder.path) }
    #expect(error?.message.contains("holds other files") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["thesis.txt"])
  }

  @Test func `a second owner is refused until the first is gone`() throws {
    let folder = try TemporaryFolder()
    var first: DataFolder? = try DataFolder(opening: folder.path)
    #expect(first != nil)
    #expect(DataFolder.isLocked(folder.path))
    let error = #expect(throws: CollectorError.self) { try DataFolder(opening: folder.path) }
    #expect(error?.code == .locked)
    first = nil
    #expect(!DataFolder.isLocked(folder.path))
    _ = try DataFolder(opening: folder.path)
  }

  @Test func `a file in place of the folder is refused`() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "data")
    let error = #expect(throws: CollectorError.self) { try DataFolder(opening: folder.path + "/data") }
    #expect(error?.message.contains("is not a folder") == true)
  }

  @Test func `the control socket of a deep folder still fits a socket's name`() throws {
    let parent = try TemporaryFolder()
    let deep = try DataFolder(opening: parent.path + "/" + String(repeating: "deep/", count: 30) + "data")
    #expect(DataFolder.controlSocket(of: deep.path).utf8.count < 108)
    let other = try DataFolder(opening: parent.path + "/" + String(repeating: "deep/", count: 30) + "other")
    #expect(DataFolder.controlSocket(of: deep.path) != DataFolder.controlSocket(of: other.path))
  }
}
