// swift-tools-version: 6.2
import PackageDescription

// What storing and asking cost. A package of its own beside the one for the client, for it builds the collector:
//   swift run -c release --package-path Benchmarks/Store StoreBenchmark 1000000 /tmp/avow-bench; Scripts/bench-store does it all

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "store-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "avow-collector", path: "../../Collector"), .package(name: "avow", path: "../.."),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    .executableTarget(
      name: "StoreBenchmark",
      dependencies: [
        .product(name: "AvowStore", package: "avow-collector"),
        .product(name: "AvowStoreSQLite", package: "avow-collector"),
        .product(name: "AvowDashboard", package: "avow-collector"),
        .product(name: "AvowWire", package: "avow"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings)
  ],
  swiftLanguageModes: [.v6]
)
