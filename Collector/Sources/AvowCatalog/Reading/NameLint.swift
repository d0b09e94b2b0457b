@_spi(AvowCollector) import AvowWire

/// Warns of names in one place that are alike, or nearly so: one of the two is probably a slip.
enum NameLint {
  private struct Seen {
    var name: String
    var plain: [UInt8]
    var digits: [UInt8]
    var line: Int
  }

  static func check(_ names: [(name: String, position: Position)], _ what: String, report: Report) {
    // Two names that differ by one letter are the same once each has lost one, so each is compared only
    // with the few that share such a remainder: a file may have tens of thousands of names.
    var bySpelling: [[UInt8]: Seen] = [:]
    var byRemainder: [[UInt8]: [Seen]] = [:]
    for (name, position) in names where name.utf8.count <= 64 {
      let plain = plain(name)
      let entry = Seen(
        name: name, plain: plain, digits: plain.filter { (48...57).contains($0) }, line: position.line)
      var twin = bySpelling[entry.plain]
      let remainders = entry.plain.count >= 6 ? remainders(entry.plain) : []
      for remainder in remainders where twin == nil {
        twin = byRemainder[remainder]?.first { isSlip($0, entry) }
      }
      if let twin {
        report.warning(
          "A114", "\(what) \"\(name)\" and \"\(twin.name)\" (line \(twin.line)) are almost the same name",
          hint: "if both are meant, make the names say how they differ", at: position)
      }
      if bySpelling[entry.plain] == nil { bySpelling[entry.plain] = entry }
      for remainder in remainders where byRemainder[remainder, default: []].count < 8 {
        byRemainder[remainder, default: []].append(entry)
      }
    }
  }

  /// Whether two names differ by one letter; a digit makes a difference that is meant.
  private static func isSlip(_ a: Seen, _ b: Seen) -> Bool {
    a.digits == b.digits && min(a.plain.count, b.plain.count) >= 6
      && Suggestion.distance(a.plain, b.plain) == 1
  }

  /// The name itself and what is left without one of its letters.
  private static func remainders(_ name: [UInt8]) -> [[UInt8]] {
    [name]
      + name.indices.map { index in
        var rest = name
        rest.remove(at: index)
        return rest
      }
  }

  /// The name without separators and plurals.
  private static func plain(_ name: String) -> [UInt8] {
    name.split(separator: "_").flatMap { word in
      Array((word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") ? word.dropLast() : word).utf8)
    }
  }
}
