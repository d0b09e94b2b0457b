// swift-tools-version: 6.2
import PackageDescription

// The light package: what a host program links. Without the trait ArgumentParser it has no dependency at all, so
// that nobody who adds telemetry to a tool clones or builds anything else. The server is the nested package in Collector/.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

// What every host carries is compiled for size, each function in a section of its own, so that a linker which
// exports nothing drops what the host does not call. Older package managers let no dependency say so, Xcode does
// not either, and a compiler that is not known yet may have lost these words: then programs are larger, no more.
#if os(Linux) && compiler(>=6.3) && compiler(<6.5)
  let small: [SwiftSetting] = [
    .unsafeFlags(
      ["-Osize", "-Xfrontend", "-function-sections", "-Xfrontend", "-internalize-at-link"],
      .when(configuration: .release))
  ]
#else
  let small: [SwiftSetting] = []
#endif

let package = Package(
  name: "avow",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    .library(name: "Avow", targets: ["Avow"]),
    .library(name: "AvowTesting", targets: ["AvowTesting"]),
    .library(name: "AvowWire", targets: ["AvowWire"]),
    // Empty without the trait of the same name.
    .library(name: "AvowArgumentParser", targets: ["AvowArgumentParser"]),
  ],
  traits: [
    .default(enabledTraits: ["ForeignFormats"]),
    .trait(
      name: "ForeignFormats",
      description:
        "Encoders for Amplitude, Jitsu, Segment, PostHog, OTLP and plain JSON, some 70 kB of a program."),
    .trait(
      name: "ArgumentParser",
      description: "The telemetry subcommand for programs that use swift-argument-parser."),
  ],
  dependencies: [
    // Only under the trait: nobody else clones it.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // Rounding calls libm, which an executable without Foundation does not link by itself.
    .target(
      name: "AvowCore", swiftSettings: settings + small,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    // What only a collector needs besides.
    .target(name: "AvowWire", dependencies: ["AvowCore"], swiftSettings: settings),
    .target(name: "CAvowShims", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "Avow", dependencies: ["AvowCore", "CAvowShims"], swiftSettings: settings + small),
    .target(name: "AvowTesting", dependencies: ["Avow"], swiftSettings: settings),
    .target(
      name: "AvowArgumentParser",
      dependencies: [
        "Avow",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser",
          condition: .when(traits: ["ArgumentParser"])),
      ], swiftSettings: settings),
    .testTarget(name: "AvowWireTests", dependencies: ["AvowCore", "AvowWire"], swiftSettings: settings),
    // Empty without the trait: `swift test --enable-all-traits --filter AvowArgumentParserTests`.
    .testTarget(
      name: "AvowArgumentParserTests",
      dependencies: [
        "AvowArgumentParser", "Avow", "AvowTesting",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser",
          condition: .when(traits: ["ArgumentParser"])),
      ], swiftSettings: settings),
    // A host program that the tests start, trace and kill; no product, so nobody else builds it.
    .executableTarget(
      name: "AvowTestHost", dependencies: ["Avow"], path: "Tests/AvowTestHost", swiftSettings: settings),
    .testTarget(
      name: "AvowTests", dependencies: ["Avow", "AvowTesting", "AvowWire", "AvowTestHost"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
