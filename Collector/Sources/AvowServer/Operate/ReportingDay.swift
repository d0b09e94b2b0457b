import AvowWire
import Foundation

extension CollectorState {
  /// The day that is running where an app's days are counted: UTC, or the catalog's `reporting_zone`.
  func today(for catalog: Catalog) -> Int { catalog.reportingDay(of: clock.now()) }
}

extension Catalog {
  /// The day of the reporting zone that a moment lies in; of UTC when the zone is not known here, which the store
  /// refuses to open with.
  func reportingDay(of time: Timestamp) -> Int {
    guard let name = reportingZone, let zone = TimeZone(identifier: name) else { return time.day }
    let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
    return Timestamp(milliseconds: time.milliseconds + Int64(offset) * 1000).day
  }
}
