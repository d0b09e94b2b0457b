/// Columns of numbers with holes: the data that reports and tests look at.
public struct Table: Sendable {
  /// The values of each column; `nil` is a missing one.
  public var columns: [String: [Double?]]

  /// Creates a table.
  public init(columns: [String: [Double?]]) { self.columns = columns }

  /// The names of the columns, sorted.
  public var names: [String] { columns.keys.sorted() }

  /// The values of a column that are there.
  public func values(of column: String) -> [Double] { (columns[column] ?? []).compactMap { $0 } }

  /// How much of all values is missing, from 0 to 1.
  public var missingShare: Double {
    let total = columns.values.reduce(0) { $0 + $1.count }
    let missing = columns.values.reduce(0) { sum, column in sum + column.count { $0 == nil } }
    return total == 0 ? 0 : Double(missing) / Double(total)
  }
}
