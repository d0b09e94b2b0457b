// swift-tools-version: 6.2
import PackageDescription

// The light package: what a host program links. Without its one trait it has no dependency at all, so that
// nobody who adds telemetry to a tool clones or builds anything else. The server is the nested package in Collector/.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

// What every host carries is compiled for size; what recording takes is marked for speed where it is written.
// Older package managers let no dependency say so, and Xcode does not.
#if os(Linux) && compiler(>=6.3)
  let carried = settings + [.unsafeFlags(["-Osize"], .when(configuration: .release))]
#else
  let carried = settings
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
    .trait(
      name: "ArgumentParser",
      description: "The telemetry subcommand for programs that use swift-argument-parser.")
  ],
  dependencies: [
    // Only under the trait: nobody else clones it.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // Rounding calls libm, which an executable without Foundation does not link by itself.
    .target(
      name: "AvowCore", swiftSettings: carried,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    // What only a collector needs besides.
    .target(name: "AvowWire", dependencies: ["AvowCore"], swiftSettings: settings),
    .target(name: "CAvowShims", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "Avow", dependencies: ["AvowCore", "CAvowShims"], swiftSettings: carried),
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
    // Empty without the trait: `swift test --traits ArgumentParser --filter AvowArgumentParserTests`.
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
