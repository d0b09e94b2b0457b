import AvowStore
import AvowWire
import Foundation

/// The zone whose days are counted: UTC, or the catalog's `reporting_zone`.
struct ReportingZone: Sendable {
  private let zone: TimeZone?

  var isUTC: Bool { zone == nil }

  /// - Parameter name: An IANA name; `nil` is UTC.
  init(_ name: String?) throws(StoreError) {
    guard let name, name != "UTC" else {
      zone = nil
      return
    }
    guard let zone = TimeZone(identifier: name) else {
      throw .failed(
        "the reporting_zone \"\(name)\" is not known here: use an IANA name such as Europe/Berlin")
    }
    self.zone = zone
  }

  /// Returns the first moment of a day.
  ///
  /// Not always midnight: where clocks go forward at midnight, such a day begins at one.
  func start(of day: Int) -> Timestamp {
    guard let zone else { return Timestamp(day: day) }
    let wanted = Int64(day) * 86_400
    func local(_ seconds: Int64) -> Int64 {
      seconds + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
    // The least second whose local time is on or after that day's midnight, within a day's reach of it.
    var low = wanted - 86_400
    var high = wanted + 86_400
    while low < high {
      let middle = low + (high - low) / 2
      if local(middle) >= wanted { high = middle } else { low = middle + 1 }
    }
    return Timestamp(milliseconds: low * 1000)
  }

  /// Returns the day that `time` lies in.
  func day(of time: Timestamp) -> Int {
    guard let zone else { return time.day }
    let seconds = Double(time.milliseconds) / 1000
    let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
    return Timestamp(milliseconds: time.milliseconds + Int64(offset) * 1000).day
  }
}
