import AvowStore
import AvowStoreSQLite
import AvowWire
import Foundation
import GRDB
import Testing

struct FolderTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func refusal(_ path: String? = nil, pepper: [UInt8] = []) async -> String {
    do {
      let store = try await SQLiteEventStore(
        folder: path ?? folder.path, pepper: pepper, clock: { now }, logger: .quiet)
      try await store.close()
      return "opened"
    } catch {
      return "\(error)"
    }
  }

  @Test func `a missing folder is made, for its owner only`() async throws {
    let path = folder.path + "/new/data"
    #expect(await refusal(path) == "opened")
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
  }

  @Test func `a file in place of the folder is named`() async throws {
    let path = folder.path + "/file"
    try Data("x".utf8).write(to: URL(fileURLWithPath: path))
    #expect(await refusal(path) == "\(path) is a file: choose a folder for the data")
    #expect(await refusal(path + "/below").contains("cannot be made"))
  }

  @Test(arguments: ["main.db", "identity.sqlite"])
  func `a foreign file is left as it is`(_ name: String) async throws {
    let url = URL(fileURLWithPath: folder.path + "/" + name)
    let text = Data(String(repeating: "This is a shopping list. ", count: 400).utf8)
    try text.write(to: url)
    let said = await refusal()
    #expect(
      said.hasPrefix("\(name) is no SQLite database: ") && said.hasSuffix("or choose another data folder"))
    #expect(try Data(contentsOf: url) == text)
  }

  @Test(arguments: ["main.db", "identity.sqlite"])
  func `another program's database is left as it is`(_ name: String) async throws {
    let path = folder.path + "/" + name
    let queue = try DatabaseQueue(path: path)
    try await queue.write { try $0.execute(sql: "CREATE TABLE songs (title TEXT)") }
    try queue.close()
    #expect(
      await refusal()
        == "\(name) is a database of another program: move it away or choose another data folder")
    let again = try DatabaseQueue(path: path)
    let tables = try await again.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_master") }
    #expect(tables == ["songs"])
  }

  @Test func `a damaged page is reported with what to do`() async throws {
    let store = try await openStore(folder)
    try await store.install(.init(app: "a", name: "A", version: 1))
    try await store.close()
    let path = folder.path + "/main.db"
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try handle.seek(toOffset: 100)
    try handle.write(contentsOf: Data(repeating: 0xA5, count: 4000))
    try handle.close()
    let said = await refusal()
    #expect(said.hasPrefix("main.db is damaged"), "\(said)")
  }

  @Test func `another pepper is refused once somebody was erased`() async throws {
    let store = try await SQLiteEventStore(
      folder: folder.path, pepper: [1, 2, 3], clock: { now }, logger: .quiet)
    try await store.install(.init(app: "a", name: "A", version: 1))
    _ = try await store.forget(app: "a", users: [id(1)])
    try await store.close()
    #expect(await refusal(pepper: [1, 2, 4]).hasPrefix("the pepper is not the one"))
    #expect(await refusal(pepper: [1, 2, 3]) == "opened")
  }

  @Test func `an unknown zone is refused with an example`() async throws {
    let store = try await openStore(folder)
    let error = await #expect(throws: StoreError.self) {
      try await store.install(.init(app: "a", name: "A", version: 1, reportingZone: "Mars/Olympus"))
    }
    #expect(error?.message.contains("Europe/Berlin") == true)
    try await store.close()
  }
}
