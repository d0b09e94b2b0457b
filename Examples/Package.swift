// swift-tools-version: 6.2
import PackageDescription

// One small host program for each of the four tools. Each records through the code that
// `avow generate swift` wrote from its catalog, which is committed under Sources/<Host>/Generated.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let avow: Target.Dependency = .product(name: "Avow", package: "avow")

let package = Package(
  name: "avow-examples",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "inference-server", targets: ["InferenceServer"]),
    .executable(name: "flow", targets: ["Flow"]),
    .executable(name: "optimizer", targets: ["Optimizer"]),
    .executable(name: "monitoring-service", targets: ["MonitoringService"]),
    .executable(name: "library-use", targets: ["LibraryUse"]),
  ],
  dependencies: [.package(name: "avow", path: "..")],
  targets: [
    .target(name: "HostSupport", dependencies: [avow], swiftSettings: settings),
    .executableTarget(
      name: "InferenceServer", dependencies: [avow, "HostSupport"], swiftSettings: settings),
    .executableTarget(name: "Flow", dependencies: [avow, "HostSupport"], swiftSettings: settings),
    .executableTarget(name: "Optimizer", dependencies: [avow, "HostSupport"], swiftSettings: settings),
    .executableTarget(
      name: "MonitoringService", dependencies: [avow, "HostSupport", "MonitoringLibrary"],
      swiftSettings: settings),
    // No dependency on Avow: what is not linked cannot report.
    .target(name: "MonitoringLibrary", swiftSettings: settings),
    .executableTarget(name: "LibraryUse", dependencies: ["MonitoringLibrary"], swiftSettings: settings),
    .testTarget(
      name: "ExamplesTests",
      dependencies: [
        "HostSupport", "InferenceServer", "Flow", "Optimizer", "MonitoringService", "LibraryUse",
        "MonitoringLibrary", .product(name: "AvowTesting", package: "avow"),
        .product(name: "AvowWire", package: "avow"),
      ], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
