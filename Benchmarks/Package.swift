// swift-tools-version: 6.2
import PackageDescription

// What recording costs. A package of its own, so that nobody builds it who only wants the client:
//   swift run -c release --package-path Benchmarks RecordBenchmark

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

// What a host links that sends in the native format only; Scripts/bench measures it.
let traits: Set<Package.Dependency.Trait> =
  Context.environment["AVOW_NATIVE_ONLY"] == nil ? [.defaults] : []

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "avow", path: "..", traits: traits)],
  targets: [
    .executableTarget(
      name: "RecordBenchmark", dependencies: [.product(name: "Avow", package: "avow")],
      swiftSettings: settings),
    .executableTarget(name: "Nothing", swiftSettings: settings),
    .executableTarget(
      name: "Smallest", dependencies: [.product(name: "Avow", package: "avow")], swiftSettings: settings),
    .executableTarget(name: "IngestBenchmark", swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
