/// Which events a build does not record any more.
enum Expiry {
  /// Returns the indices of the events whose end has come, by date or by the program's version.
  static func expired(_ catalog: Catalog, version: String, day: Int) -> [Int] {
    var expired: [Int] = []
    for (index, event) in catalog.events.enumerated() {
      switch event.expires {
      case .date(let text):
        if let date = CivilDate(text), day >= date.dayNumber { expired.append(index) }
      case .version(let end):
        if !precedes(parts(version), parts(end)) { expired.append(index) }
      case .never, nil: break
      }
    }
    return expired
  }

  /// The three numbers of a version; absent ones are 0.
  private static func parts(_ version: String) -> [Int64] {
    let text = version.first == "v" ? version.dropFirst() : Substring(version)
    var numbers: [Int64] = []
    for part in PlainText.words(text, between: ".").prefix(3) {
      numbers.append(PlainText.number(part.prefix { ("0"..."9").contains($0) }) ?? 0)
    }
    while numbers.count < 3 { numbers.append(0) }
    return numbers
  }

  private static func precedes(_ left: [Int64], _ right: [Int64]) -> Bool {
    for index in 0..<3 where left[index] != right[index] { return left[index] < right[index] }
    return false
  }
}
