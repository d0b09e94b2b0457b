import AvowWire
import Foundation
import GRDB
import Testing

@testable import AvowStoreSQLite

struct ContextMapTests {
  private func set(_ number: UInt64) -> Identifier128 { Identifier128(high: number, low: ~number) }

  /// A map of a table with so many sets.
  private func make(rows: UInt64 = 0, most: Int = 100) throws -> ContextMap {
    try DatabaseQueue().write { db in
      try db.execute(sql: "CREATE TABLE sets (_key INTEGER PRIMARY KEY, _digest BLOB NOT NULL)")
      for number in 0..<rows {
        try db.execute(
          sql: "INSERT INTO sets VALUES (?, ?)", arguments: [Int64(number + 1), Data(set(number + 1).bytes)])
      }
      return try ContextMap("sets", connection(db), most: most)
    }
  }

  @Test func `a set keeps its number, also after the store was opened again`() throws {
    var map = try make(rows: 3)
    #expect(map.number(of: set(2)) == 2)
    #expect(map.number(of: set(9)) == nil)
    #expect(map.add(set(9)) == 4)
    #expect(map.number(of: set(9)) == 4)
  }

  @Test func `what was added in a transaction that was undone is not known, and its number not given again`()
    throws
  {
    var map = try make()
    #expect(map.add(set(1)) == 1)
    map.commit()
    #expect(map.add(set(2)) == 2)
    map.rollBack()
    #expect(map.number(of: set(1)) == 1)
    #expect(map.number(of: set(2)) == nil)
    #expect(map.add(set(3)) == 3)
  }

  @Test func `what is used stays, what was long not used goes`() throws {
    var map = try make(most: 4)
    for number: UInt64 in 1...20 {
      _ = map.add(set(number))
      #expect(map.number(of: set(1)) == 1)
    }
    #expect(map.number(of: set(20)) == 20)
    #expect(map.number(of: set(2)) == nil)
  }

  @Test func `of a table larger than the map the newest sets are known`() throws {
    var map = try make(rows: 10, most: 4)
    #expect(map.number(of: set(10)) == 10)
    #expect(map.number(of: set(1)) == nil)
    #expect(map.next == 11)
  }

  @Test func `a set whose row goes is not known any more`() throws {
    var map = try make(rows: 2)
    _ = map.number(of: set(1))
    map.remove(set(1))
    #expect(map.number(of: set(1)) == nil)
    #expect(map.number(of: set(2)) == 2)
  }
}
