/// The deterministic automaton of a pattern, by subset construction.
///
/// A state of the automaton is a set of places, a place is how far one alternative has come. As nothing
/// repeats without limit the places only move forward, and the construction stops at 256 states.
struct PatternTable {
  private(set) var classes = [UInt8](repeating: 0, count: 256)
  private(set) var classCount = 1
  private(set) var transitions: [UInt8] = []
  private(set) var accepting: [Bool] = []

  init(_ alternatives: [[PatternStep]]) throws(PatternError) {
    // All alternatives laid end to end; the place after an alternative's last step is its end.
    var steps: [PatternStep?] = []
    var starts: [Int] = []
    for alternative in alternatives {
      starts.append(steps.count)
      steps += alternative
      steps.append(nil)
    }
    classify(steps.compactMap { $0?.bytes })
    let representatives = (0..<classCount).map { number in
      classes.firstIndex { Int($0) == number }.map { UInt8($0) }
    }

    // How far one comes from each place without reading: to the next step that cannot be passed over.
    var ends = Array(steps.indices)
    for place in steps.indices.reversed() where steps[place]?.isOptional == true {
      ends[place] = ends[place + 1]
    }

    var numbers: [[Int]: Int] = [:]
    var sets: [[Int]] = [[]]
    numbers[[]] = 0
    let start = Self.closure(starts, ends)
    numbers[start] = 1
    sets.append(start)
    var next = 0
    while next < sets.count {
      let places = sets[next]
      next += 1
      accepting.append(places.contains { steps[$0] == nil })
      for representative in representatives {
        guard let representative else {
          transitions.append(0)
          continue
        }
        var moved: [Int] = []
        for place in places {
          if let step = steps[place], step.bytes.contains(representative) { moved.append(place + 1) }
        }
        let reached = Self.closure(moved, ends)
        if let number = numbers[reached] {
          transitions.append(UInt8(number))
          continue
        }
        guard sets.count < Pattern.maxStates else {
          throw PatternError(
            "the pattern needs more than \(Pattern.maxStates) states", hint: "shorten or simplify it", at: 0)
        }
        numbers[reached] = sets.count
        transitions.append(UInt8(sets.count))
        sets.append(reached)
      }
    }
  }

  /// Gives bytes that no set tells apart the same class, so that a row of the table is short.
  private mutating func classify(_ sets: [ByteSet]) {
    let distinct = Array(Set(sets))
    var seen: [[Bool]: UInt8] = [[Bool](repeating: false, count: distinct.count): 0]
    for byte in UInt8.min...UInt8.max {
      let signature = distinct.map { $0.contains(byte) }
      if let known = seen[signature] {
        classes[Int(byte)] = known
      } else {
        let number = UInt8(seen.count)
        seen[signature] = number
        classes[Int(byte)] = number
      }
    }
    classCount = seen.count
  }

  /// The places reachable without reading, ascending as `places` are: optional steps may be passed over.
  private static func closure(_ places: [Int], _ ends: [Int]) -> [Int] {
    var reached: [Int] = []
    var last = -1
    for place in places {
      var next = max(place, last + 1)
      while next <= ends[place] {
        reached.append(next)
        next += 1
      }
      last = max(last, ends[place])
    }
    return reached
  }
}
