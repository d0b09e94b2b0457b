/// The machine a simulated user works on.
struct Machine: Sendable, Hashable {
  enum System: Sendable, Hashable { case linux, macos, windows }

  var system: System
  /// What `platform.release()` says.
  var release: String
  /// What `platform.version()` says: the kernel's build, which nobody needs.
  var build: String
  /// The release of the distribution or of the system.
  var systemVersion: String
  /// What `platform.machine()` says.
  var architecture: String
  /// What `platform.processor()` says; empty in most containers.
  var processor: String
  /// The model name of the processor.
  var brand: String
  var memoryGigabytes: Double
  var accelerator: String?

  /// Whether the build names a version somewhere, two numbers joined by a dot, so that something of it is kept.
  var buildHasVersion: Bool { build.contains(/[0-9]\.[0-9]/) }

  /// What `platform.system()` says.
  var name: String {
    switch system {
    case .linux: "Linux"
    case .macos: "Darwin"
    case .windows: "Windows"
    }
  }
}

/// One simulated user of a tool.
struct Member: Sendable {
  var number: Int
  /// The day, counted from the first simulated one, from which on the user exists.
  var joined: Int
  /// The day on which the user gives up.
  var left: Int
  /// The chance that a working day sees the user.
  var habit: Double
  /// How many days the user lets a new release wait.
  var patience: Int
  var machine: Machine
  var python: (major: Int, minor: Int, patch: Int)
  /// What stands for the user on the wire, in whatever form the tool's client gives it.
  var identity: UInt64
}

/// A release of a tool and the day it came out.
struct Release: Sendable {
  var day: Int
  var version: String
}

/// The users of one tool: they grow in number, rest at weekends, and take up releases at their own pace.
struct Population: Sendable {
  let members: [Member]
  private let seed: UInt64
  private let firstDay: Int

  /// Creates the users of a tool.
  ///
  /// - Parameters:
  ///   - size: How many there are in the end.
  ///   - firstDay: The first simulated day, counted from 1970-01-01.
  ///   - linux: How many of a hundred work on Linux; most of the rest on macOS.
  init(seed: UInt64, size: Int, firstDay: Int, days: Int, linux: Int) {
    self.seed = seed
    self.firstDay = firstDay
    members = (0..<size).map { number in
      var random = SeededGenerator(seed: seed, 1, number)
      // A third are there from the start; the others come faster the later it is.
      let joined = random.chance(0.33) ? 0 : Int(random.unit().squareRoot() * Double(days))
      let stays = random.chance(0.75)
      return Member(
        number: number, joined: joined,
        left: stays ? Int.max : joined + random.integer(3...30),
        habit: 0.08 + random.unit() * random.unit() * 0.8, patience: random.integer(0...20),
        machine: Machine.random(&random, linux: linux),
        python: random.pick([
          ((3, 8, 16), weight: 3), ((3, 9, 16), weight: 5), ((3, 10, 12), weight: 6),
          ((3, 11, 4), weight: 4),
        ]),
        identity: random.next())
    }
  }

  /// Returns the users who work on this day, counted from the first, each with a stream of random numbers.
  func active(day: Int) -> [(member: Member, random: SeededGenerator)] {
    // 1970-01-01 was a Thursday.
    let weekday = ((firstDay + day) % 7 + 7 + 3) % 7
    let share = weekday >= 5 ? 0.35 : 1
    return members.compactMap { member in
      guard member.joined <= day, day < member.left else { return nil }
      var random = SeededGenerator(seed: seed, 2, member.number, day)
      guard member.joined == day || random.chance(member.habit * share) else { return nil }
      return (member, random)
    }
  }

  /// Returns the release a user runs on this day. Precondition: `releases` is not empty.
  static func release(of releases: [Release], for member: Member, day: Int) -> Release {
    releases.last { $0.day + member.patience <= day || $0.day <= member.joined } ?? releases[0]
  }
}

extension Machine {
  static func random(_ random: inout SeededGenerator, linux: Int) -> Machine {
    let system: System = random.pick([
      (.linux, weight: linux), (.macos, weight: (100 - linux) * 2 / 3),
      (.windows, weight: (100 - linux) / 3 + 1),
    ])
    let memory = random.pick([
      (8.35, weight: 2), (17.18, weight: 5), (33.56, weight: 4), (67.41, weight: 2),
    ])
    switch system {
    case .linux:
      let (version, release, build) = random.pick([
        (("20.04", "5.15.0-52-generic", "#58-Ubuntu SMP Thu Oct 13 08:03:55 UTC 2022"), weight: 3),
        (("22.04", "6.2.0-26-generic", "#26~22.04.1-Ubuntu SMP PREEMPT_DYNAMIC Thu Jul 13"), weight: 5),
        (("12", "6.1.119-acme-build7", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1"), weight: 2),
        (("", "6.4.12-arch1-1", "#1 SMP PREEMPT_DYNAMIC Thu, 24 Aug 2023 00:38:14 +0000"), weight: 1),
      ])
      let brand = random.pick([
        ("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", weight: 4),
        ("AMD EPYC 7B13", weight: 3), ("13th Gen Intel(R) Core(TM) i7-13700K", weight: 2),
        ("AMD Ryzen 9 5950X 16-Core Processor", weight: 2),
      ])
      let accelerator = random.pick([
        (String?.none, weight: 5), ("Tesla T4", weight: 3), ("NVIDIA A100-SXM4-40GB", weight: 2),
        ("NVIDIA GeForce RTX 3090", weight: 2),
      ])
      let isArm = random.chance(0.12)
      return Machine(
        system: .linux, release: release, build: build, systemVersion: version,
        architecture: isArm ? "aarch64" : "x86_64", processor: random.chance(0.5) ? "x86_64" : "",
        brand: isArm ? "Neoverse-N1" : brand, memoryGigabytes: memory, accelerator: accelerator)
    case .macos:
      let (version, release) = random.pick([
        (("12.6.8", "21.6.0"), weight: 3), (("13.0.1", "22.1.0"), weight: 4),
        (("13.5", "22.6.0"), weight: 4),
      ])
      let isArm = random.chance(0.7)
      return Machine(
        system: .macos, release: release,
        build: "Darwin Kernel Version \(release): Sat Jun 18 17:07:28 PDT 2022; "
          + "root:xnu-8020.140.41~1/RELEASE_\(isArm ? "ARM64_T8110" : "X86_64")",
        systemVersion: version, architecture: isArm ? "arm64" : "x86_64",
        processor: isArm ? "arm" : "i386",
        brand: isArm
          ? random.pick([("Apple M1 Pro", weight: 3), ("Apple M2", weight: 2)])
          : "Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz",
        memoryGigabytes: memory, accelerator: nil)
    case .windows:
      return Machine(
        system: .windows, release: "10", build: "10.0.19045", systemVersion: "19045.10.0-",
        architecture: "AMD64", processor: "Intel64 Family 6 Model 165 Stepping 2, GenuineIntel",
        brand: "Intel(R) Core(TM) i7-10750H CPU @ 2.60GHz", memoryGigabytes: memory, accelerator: nil)
    }
  }
}
