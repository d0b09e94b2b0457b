#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes out what is buffered for standard output.
func flushOutput() { fflush(nil) }

/// Lays rows out in columns, two spaces apart; the first row is the heading.
func table(_ rows: [[String]]) -> String {
  guard let first = rows.first else { return "" }
  let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    let cells = zip(row, widths).map { text, width in
      text + String(repeating: " ", count: width - text.count)
    }
    var line = Substring(cells.joined(separator: "  "))
    while line.last == " " { line.removeLast() }
    return String(line)
  }.joined(separator: "\n")
}

/// The width of the terminal, 80 when output is no terminal.
func terminalWidth() -> Int {
  var size = winsize()
  guard isatty(1) == 1, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
  return Int(size.ws_col)
}
