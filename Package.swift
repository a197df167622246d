// swift-tools-version: 6.2
import PackageDescription

// Layers, lowest first: a target may depend only on those above it in this list.
// Tests/SaltireTests/LayeringTests.swift holds the same order against the sources.
let package = Package(
  name: "saltire",
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2")
  ],
  targets: [
    .target(
      name: "SaltireCore",
      dependencies: [.product(name: "Yams", package: "Yams")]),
    .target(name: "SaltireReport", dependencies: ["SaltireCore"]),
    .testTarget(name: "SaltireCoreTests", dependencies: ["SaltireCore"]),
    .testTarget(
      name: "SaltireReportTests", dependencies: ["SaltireReport"],
      // Expected output, read beside the sources so that it can be recorded anew.
      exclude: ["Golden"]),
  ]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
  ]
}
