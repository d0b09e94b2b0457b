import Glibc

/// The process under test, as `/proc` shows it.
struct Server {
  let pid: Int32

  /// The CPU time it has used, in seconds.
  var cpu: Double {
    let text = Self.read("/proc/\(pid)/stat")
    guard let end = text.lastIndex(of: ")") else { return 0 }
    let fields = text[end...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The most memory it ever held, in MiB.
  var peakMemory: Int {
    for line in Self.read("/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return (Int(line.split(separator: " ").dropLast().last ?? "") ?? 0) / 1024
    }
    return 0
  }

  private static func read(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}

/// What the disk itself takes to make 4 KiB durable, measured beside the load.
enum Disk {
  static func syncs(in folder: String, seconds: Double) -> [Int64] {
    let path = folder + "/fdatasync.probe"
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    guard descriptor >= 0 else { return [] }
    defer {
      close(descriptor)
      unlink(path)
    }
    let block = [UInt8](repeating: 7, count: 4096)
    var samples: [Int64] = []
    let end = Clock.nanoseconds() + Int64(seconds * 1e9)
    var place = 0
    while Clock.nanoseconds() < end {
      let start = Clock.nanoseconds()
      _ = pwrite(descriptor, block, block.count, place)
      _ = fdatasync(descriptor)
      samples.append(Clock.nanoseconds() - start)
      place = (place + 4096) % (16 << 20)
      usleep(2000)
    }
    return samples.sorted()
  }
}
