import Foundation

/// What a piece of work took.
struct Cost {
  var wall: Double
  /// Of the whole process.
  var cpu: Double

  static func of<Value>(
    _ body: () async throws -> Value
  ) async rethrows -> (cost: Cost, value: Value) {
    let (wall, cpu) = (Self.wall, Self.cpu)
    let value = try await body()
    return (Cost(wall: Self.wall - wall, cpu: Self.cpu - cpu), value)
  }

  static var wall: Double { Date().timeIntervalSince1970 }

  static var cpu: Double {
    var usage = rusage()
    // RUSAGE_SELF, which is an enumeration on one system and a number on another.
    getrusage(0, &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  static func += (left: inout Cost, right: Cost) {
    left.wall += right.wall
    left.cpu += right.cpu
  }
}

/// What the named threads of this process took so far, in seconds, by the kernel's account.
func threads() -> [String: Double] {
  let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
  return tasks.reduce(into: [:]) { sum, task in
    let stat = (try? String(contentsOfFile: "/proc/self/task/\(task)/stat", encoding: .utf8)) ?? ""
    guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")") else { return }
    let fields = stat[close...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return }
    sum[String(stat[stat.index(after: open)..<close]), default: 0] += (user + system) / 100
  }
}

/// `1,234.5` without the comma.
func number(_ value: Double, _ places: Int = 1) -> String { String(format: "%.\(places)f", value) }

/// What this process holds and held at most, in megabytes, by the kernel's account.
func memory() -> String {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  func field(_ name: String) -> Double {
    let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
    return Double(line.split(separator: " ").dropFirst().first { Double($0) != nil } ?? "0") ?? 0
  }
  return "\(number(field("VmRSS:") / 1024, 0)) MB now, \(number(field("VmHWM:") / 1024, 0)) MB at most"
}

/// Has the kernel forget what it read of files. Needs root.
func dropCaches() -> Bool {
  sync()
  guard let file = fopen("/proc/sys/vm/drop_caches", "w") else { return false }
  defer { fclose(file) }
  return fputs("3", file) >= 0
}

func bytes(in folder: String, _ prefix: String) -> Int {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.filter { $0.hasPrefix(prefix) }.reduce(0) { sum, name in
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
    return sum + (attributes?[.size] as? Int ?? 0)
  }
}
