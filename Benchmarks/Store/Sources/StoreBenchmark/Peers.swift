import AvowWire
import Foundation

/// Writes the traffic as comma-separated values, for the databases that are measured beside the store.
///
/// A row is what they would keep of an event: its time in milliseconds, the user as a 64-bit number, the event's
/// number, then context and properties; what an event lacks is empty.
func writeCSV(_ total: Int, _ path: String) throws {
  guard let file = fopen(path, "w") else { throw CocoaError(.fileWriteNoPermission) }
  defer { fclose(file) }
  let catalog = Traffic.catalog
  let context = catalog.context.map(\.name)
  let properties = catalog.events[2].properties.map(\.name)
  fputs((["time", "user", "event"] + context + properties).joined(separator: ",") + "\n", file)
  var traffic = Traffic(total: total)
  var done = 0
  while done < total {
    let batch = traffic.next()
    var lines = ""
    for entry in batch.entries {
      var cells = Array(repeating: "", count: context.count + properties.count)
      for index in entry.context { cells[Int(batch.values[index].field)] = text(batch, index) }
      for index in entry.properties { cells[context.count + Int(batch.values[index].field)] = text(batch, index) }
      lines += "\(entry.time.milliseconds),\(Int64(bitPattern: entry.user?.high ?? 0)),\(entry.event),"
      lines += cells.joined(separator: ",") + "\n"
    }
    fputs(lines, file)
    done += batch.entries.count
  }
}

private func text(_ batch: EventBatch, _ index: Int) -> String {
  let slot = batch.values[index]
  return switch slot.kind {
  case .text: batch.text(of: slot)
  case .number: "\(slot.number)"
  default: "\(slot.integer)"
  }
}
