/// What this run does about a catalog its user has not been shown: leaves the new part out, says so, and
/// remembers.
struct Acquaintance: Sendable {
  /// What is left out for this run.
  var widening: Widening?
  /// What the notice adds.
  var sentence: String?
  /// Whether this catalog was shown before, so that a notice for first runs only can stay away.
  var isKnown = false
  /// What to keep once the state folder is open; files are made no earlier.
  enum Deed: Sendable { case nothing, shown, countDay }
  var deed = Deed.nothing

  /// Nothing is looked at: telemetry is off.
  init() {}

  /// - Parameters:
  ///   - isSeen: Whether what is printed reaches somebody.
  ///   - isOptIn: Without the user's act nothing is on, so nothing new comes on by itself.
  init(
    _ standing: ShownCatalog.Standing, pending: ShownCatalog.Pending?, catalog: Catalog, digest: String,
    day: Int, isSeen: Bool, isOptIn: Bool
  ) {
    switch standing {
    case .first: deed = .shown
    case .known(let isExact):
      isKnown = true
      deed = isExact ? .nothing : .shown
    case .wider(let widening):
      let list = widening.phrases.joined(separator: "; ")
      if isOptIn {
        self.widening = widening
        sentence = "\(catalog.name) would also report: \(list). That part is off until you enable it again."
      } else if pending?.isOver(digest, on: day) == true {
        isKnown = true
        deed = .shown
      } else {
        self.widening = widening
        sentence = "\(catalog.name) will also report: \(list). In this run that part is off."
        deed = isSeen ? .shown : .countDay
      }
    }
  }
}
