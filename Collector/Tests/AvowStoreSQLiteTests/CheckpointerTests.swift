import Foundation
import GRDB
import Testing

@testable import AvowStoreSQLite

struct CheckpointerTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// Writes about twenty pages.
  private func write(_ pool: DatabasePool) throws {
    try pool.write { db in
      for _ in 0..<20 { try db.execute(sql: "INSERT INTO t (b) VALUES (randomblob(3900))") }
    }
  }

  private var logPages: Int {
    get throws {
      let size = try FileManager.default.attributesOfItem(atPath: folder.path + "/main.db-wal")[.size]
      return (size as? Int ?? 0) / 4120
    }
  }

  @Test func `a log that is copied beside the writer begins anew and stays short`() throws {
    let files = try StoreFiles.open(folder.path)
    try files.main.write { try $0.execute(sql: "CREATE TABLE t (b BLOB)") }
    let writer = try files.main.unsafeReentrantWrite { try connection($0) }
    var checkpointer: Checkpointer? = try Checkpointer(
      path: files.main.path, writer: writer, long: 100, tooLong: 1_000_000)
    for _ in 0..<100 {
      checkpointer?.finish()
      try write(files.main)
      // A reader has the copying end here, as a commit that comes meanwhile does: the rest is the writer's part.
      var reader: DatabaseSnapshot? = try files.main.makeSnapshot()
      #expect(try reader?.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } ?? 0 > 0)
      try write(files.main)
      checkpointer?.start()
      checkpointer?.wait()
      reader = nil
    }
    #expect(try logPages < 300)
    #expect(try files.main.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 4000)
    checkpointer = nil
    try files.close()
  }

  @Test func `a log that nobody copies in time is copied by the writer`() throws {
    let files = try StoreFiles.open(folder.path)
    try files.main.write { try $0.execute(sql: "CREATE TABLE t (b BLOB)") }
    let writer = try files.main.unsafeReentrantWrite { try connection($0) }
    var checkpointer: Checkpointer? = try Checkpointer(
      path: files.main.path, writer: writer, long: 1_000_000, tooLong: 100)
    for _ in 0..<100 {
      checkpointer?.finish()
      try write(files.main)
      checkpointer?.start()
    }
    #expect(try logPages < 300)
    checkpointer = nil
    try files.close()
  }
}
