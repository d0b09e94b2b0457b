import AvowStore
import AvowWire

enum StoredEventFixture {
  static func event(id: Identifier128, note: String) -> StoredEvent {
    StoredEvent(
      id: id, event: "run", time: Timestamp(milliseconds: 0), received: Timestamp(milliseconds: 1),
      user: nil, session: nil, context: ["edition": "x"], properties: ["note": .string(note)])
  }
}
