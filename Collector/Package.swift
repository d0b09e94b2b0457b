// swift-tools-version: 6.2
import PackageDescription

// The collector and the command `avow`. It may use dependencies; the client package beside it may not.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let wire: Target.Dependency = .product(name: "AvowWire", package: "avow")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
  name: "avow-collector",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "avow", targets: ["avow"]),
    .library(name: "AvowCatalog", targets: ["AvowCatalog"]),
    .library(name: "AvowStore", targets: ["AvowStore"]),
    .library(name: "AvowStoreSQLite", targets: ["AvowStoreSQLite"]),
    .library(name: "AvowStoreTesting", targets: ["AvowStoreTesting"]),
    .library(name: "AvowIngest", targets: ["AvowIngest"]),
    .library(name: "AvowDashboard", targets: ["AvowDashboard"]),
    .library(name: "AvowServer", targets: ["AvowServer"]),
  ],
  dependencies: [
    .package(name: "avow", path: ".."),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
  ],
  targets: [
    .target(
      name: "AvowCatalog",
      dependencies: [wire, .product(name: "Yams", package: "Yams")],
      swiftSettings: settings),
    .target(name: "AvowIngest", dependencies: [wire, crypto], swiftSettings: settings),
    .target(name: "AvowStore", dependencies: [wire], swiftSettings: settings),
    .target(
      name: "AvowStoreSQLite",
      dependencies: ["AvowStore", "CSQLiteSettings", wire, grdb, sqlite, logging],
      swiftSettings: settings),
    .target(name: "AvowStoreTesting", dependencies: ["AvowStore", wire], swiftSettings: settings),
    .target(name: "AvowDemo", dependencies: [wire], swiftSettings: settings),
    .target(name: "AvowDashboard", dependencies: ["AvowStore", wire], swiftSettings: settings),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CAllocator"),
    .systemLibrary(name: "CSQLiteSettings", providers: [.apt(["libsqlite3-dev"])]),
    .target(
      name: "AvowServer",
      dependencies: [
        "CAllocator", "CZlib",
        "AvowCatalog", "AvowIngest", "AvowStore", "AvowDashboard", wire, crypto, grdb, logging,
        .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "avow",
      dependencies: [
        "AvowCatalog", "AvowDemo", "AvowIngest", "AvowStore", "AvowStoreSQLite", "AvowServer", wire, logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    // What `Scripts/bench-ingest` compares the collector with.
    .executableTarget(
      name: "BareHandler", dependencies: [.product(name: "Hummingbird", package: "hummingbird")],
      path: "Benchmarks/BareHandler", swiftSettings: settings),
    .testTarget(
      name: "AvowCatalogTests",
      dependencies: ["AvowCatalog", wire, .product(name: "Avow", package: "avow")],
      swiftSettings: settings),
    .testTarget(
      name: "AvowIngestTests", dependencies: ["AvowIngest", "AvowCatalog", wire],
      exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "AvowStoreTests", dependencies: ["AvowStore", "AvowStoreTesting", wire], swiftSettings: settings),
    .testTarget(
      name: "AvowStoreSQLiteTests",
      dependencies: [
        "AvowStoreSQLite", "AvowStoreTesting", "AvowStore", "AvowCatalog", wire, grdb, logging,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "AvowDashboardTests", dependencies: ["AvowDashboard", "AvowStore", wire],
      swiftSettings: settings),
    .testTarget(
      name: "AvowServerTests",
      dependencies: [
        "AvowDemo", "AvowServer", "AvowIngest", "AvowStoreSQLite", "AvowStore", "AvowCatalog", wire, logging,
        grdb,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "AvowDemoTests", dependencies: ["AvowDemo", "AvowIngest", "AvowCatalog", wire],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["AvowDemo", "AvowCatalog", wire, .product(name: "Avow", package: "avow")],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
