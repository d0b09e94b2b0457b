public import AvowWire
import Synchronization

/// Foreign identifiers whose users were erased, each as a keyed hash that no period changes.
///
/// The store keeps pseudonyms out. Where an identity rotates, tomorrow's pseudonym of an erased user is not
/// known to it; so an identifier that comes for the first time in a period is looked up here.
public final class ErasedMarks: Sendable {
  private let marks = Mutex<Set<Identifier128>>([])
  private let count = Atomic(0)

  /// Creates an empty set.
  public init() {}

  /// Adds marks.
  public func insert(_ added: [Identifier128]) {
    marks.withLock { marks in
      marks.formUnion(added)
      count.store(marks.count, ordering: .releasing)
    }
  }

  /// Puts others in place of all.
  public func replace(with others: [Identifier128]) {
    marks.withLock { marks in
      marks = Set(others)
      count.store(marks.count, ordering: .releasing)
    }
  }

  /// Where nobody was ever erased nobody is looked up.
  var isEmpty: Bool { count.load(ordering: .acquiring) == 0 }

  func contains(_ mark: Identifier128) -> Bool { marks.withLock { $0.contains(mark) } }
}
