/// Sent beside stored: the table at the end of the demo, and whether both agree.
public struct DemoComparison: Sendable {
  /// What a collector says of one app.
  public struct Found: Sendable, Hashable {
    /// Events in the store, as an export counts them.
    public var stored: Int
    /// Events it recognised as stored already.
    public var duplicates: Int
    /// Values it removed.
    public var removed: Int
    /// Events, and values of stored events, it dropped by declaration.
    public var dropped: Int
    /// Events it refused because the catalog does not declare them.
    public var refused: Int

    /// Creates the counts of one app.
    public init(stored: Int, duplicates: Int, removed: Int, dropped: Int, refused: Int) {
      self.stored = stored
      self.duplicates = duplicates
      self.removed = removed
      self.dropped = dropped
      self.refused = refused
    }
  }

  /// What was sent.
  public let ledger: DemoLedger
  /// What the collector says, by app.
  public let found: [String: Found]

  /// Creates a comparison.
  public init(ledger: DemoLedger, found: [String: Found]) {
    self.ledger = ledger
    self.found = found
  }

  /// Whether every count of every app is as sent, nothing failed, and something was sent at all.
  public var agrees: Bool {
    !rows.isEmpty && rows.allSatisfy { $0.isRight }
  }

  /// 0 when both sides agree, else 1.
  public var exitStatus: Int32 { agrees ? 0 : 1 }

  /// The table, aligned, one line per app; where a count differs, what was expected stands beside it.
  public var table: String {
    let header = ["app", "sent", "stored", "duplicates", "removed", "dropped", "refused", "failed", ""]
    let body = rows.map { row in
      [row.app, "\(row.account.sent)"]
        + row.pairs.map { $0.found == $0.expected ? "\($0.found)" : "\($0.found) (not \($0.expected))" }
        + ["\(row.account.failures)", row.isRight ? "agrees" : "DIFFERS"]
    }
    let lines = [header] + body
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      cells.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - cells[column].count)
        // Words to the left, numbers to the right.
        return column == 0 || column == header.count - 1 ? cells[column] + gap : gap + cells[column]
      }
      .joined(separator: "  ").trimmingEnd()
    }
    .joined(separator: "\n") + "\n"
  }

  private struct Row {
    var app: String
    var account: DemoLedger.Account
    var pairs: [(found: Int, expected: Int)]

    var isRight: Bool {
      account.failures == 0 && pairs.allSatisfy { $0.found == $0.expected }
    }
  }

  private var rows: [Row] {
    Set(ledger.accounts.keys).union(found.keys).sorted().map { app in
      let account = ledger[app]
      let found = found[app] ?? Found(stored: 0, duplicates: 0, removed: 0, dropped: 0, refused: 0)
      return Row(
        app: app, account: account,
        pairs: [
          (found.stored, account.stored), (found.duplicates, account.duplicates),
          (found.removed, account.removed), (found.dropped, account.dropped),
          (found.refused, account.refused),
        ])
    }
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var trimmed = self[...]
    while trimmed.last == " " { trimmed.removeLast() }
    return String(trimmed)
  }
}
