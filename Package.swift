// swift-tools-version: 6.2
import PackageDescription

// For libyaml's parser in it, CYaml: its own types know no bounds.
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// What tests of a run need, from devices to benches.
let lab: [Target.Dependency] = [
  "SaltireCore", "SaltireFigures", "SaltireDevices", "SaltireLinks", "SaltireLearning",
  "SaltireAnalysis", "SaltireInstruments", "SaltireSimulation", "SaltirePrograms", "SaltireRig",
  "SaltireRecords", "SaltireTraining", "SaltireExperiments", "SaltireBenches", "SaltireServe",
  "SaltireTesting",
]

// Layers, lowest first: a target depends only on targets above it in this
// list, so a module can only import downward.
let package = Package(
  name: "saltire",
  products: [
    // Preloaded into programs under test.
    .library(name: "disk-shim", type: .dynamic, targets: ["CDiskShim"]),
    .library(name: "pty-shim", type: .dynamic, targets: ["CPtyShim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
    // Only `make check` uses it.
    .package(url: "https://github.com/swiftlang/swift-docc-plugin.git", exact: "1.5.0"),
  ],
  targets: [
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(
      name: "CSerialPort", pkgConfig: "libserialport", providers: [.apt(["libserialport-dev"])]),
    .systemLibrary(
      name: "CUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
    // Only for the emulator of USB devices that tests run in.
    .systemLibrary(
      name: "CUMockdev", pkgConfig: "umockdev-1.0", providers: [.apt(["libumockdev-dev"])]),
    .target(name: "CScripts", dependencies: ["CLua"]),
    .target(name: "SaltireCore", dependencies: [yams]),
    .target(name: "SaltireFigures", dependencies: ["SaltireCore"]),
    .target(name: "SaltireDevices", dependencies: ["SaltireCore"]),
    .target(name: "SaltireLinks", dependencies: ["CSerialPort", "CUSB", "SaltireCore"]),
    .target(name: "SaltireLearning", dependencies: ["SaltireCore", "SaltireDevices"]),
    .target(name: "SaltireAnalysis", dependencies: ["SaltireCore", "SaltireDevices"]),
    .target(name: "SaltireInstruments", dependencies: ["SaltireCore", "SaltireLinks"]),
    .target(name: "CCrossbar"),
    .target(
      name: "SaltireCrossbar",
      dependencies: ["CCrossbar", "SaltireCore", "SaltireDevices", "SaltireLearning"]),
    .target(
      name: "SaltireSimulation",
      dependencies: [
        "CLua", "CScripts", "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireInstruments",
      ]),
    .target(name: "SaltirePrograms", dependencies: ["SaltireCore", "SaltireLearning"]),
    .target(
      name: "SaltireRig",
      dependencies: [
        "SaltireCore", "SaltireLinks", "SaltireLearning", "SaltireInstruments", "SaltirePrograms",
      ]),
    .target(
      name: "SaltireRecords",
      dependencies: [
        "CCrypto", "SaltireCore", "SaltireLinks", "SaltireAnalysis", "SaltirePrograms", grdb,
      ]),
    .target(
      name: "SaltireTraining",
      dependencies: [
        "SaltireCore", "SaltireFigures", "SaltireDevices", "SaltireLearning", "SaltireAnalysis",
        "SaltireCrossbar", "SaltireRecords",
      ]),
    .target(
      name: "SaltireExperiments",
      dependencies: [
        "SaltireCore", "SaltireFigures", "SaltireDevices", "SaltireLearning", "SaltireAnalysis",
        "SaltirePrograms",
        "SaltireRecords", "SaltireTraining",
      ]),
    .target(
      name: "SaltireBenches",
      dependencies: [
        "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireLearning", "SaltireAnalysis",
        "SaltireInstruments", "SaltireSimulation", "SaltirePrograms", "SaltireRig",
        "SaltireRecords", "SaltireExperiments",
      ]),
    .target(
      name: "SaltireServe",
      dependencies: [
        "SaltireCore", "SaltireLinks", "SaltireInstruments", "SaltireSimulation",
        "SaltirePrograms", "SaltireRig", "SaltireBenches",
      ]),
    .executableTarget(
      name: "saltire",
      dependencies: [
        "SaltireServe",
        "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireAnalysis", "SaltireInstruments",
        "SaltireSimulation", "SaltirePrograms", "SaltireRig", "SaltireRecords", "SaltireTraining",
        "SaltireExperiments", "SaltireBenches", "SaltireFigures", arguments,
      ]),
    // Only in executables that test: it takes the place of system calls.
    .target(name: "CPtyShim", path: "Tests/Support/CPtyShim"),
    .target(
      name: "SaltireTesting",
      dependencies: [
        "CPtyShim", "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireAnalysis",
      ]),
    .target(name: "CDiskShim", path: "Tests/Support/CDiskShim"),
    .target(name: "CUSBTMCDevice", path: "Tests/Support/CUSBTMCDevice"),
    // Benches, instruments and programs that tests of several modules share.
    .target(name: "TestRigs", dependencies: lab, path: "Tests/Support/TestRigs"),
    .executableTarget(
      name: "usb-emulator", dependencies: ["CUMockdev", "CUSBTMCDevice"],
      path: "Tests/Support/usb-emulator"),
    .executableTarget(
      name: "usb-gadget", dependencies: ["CUSBTMCDevice"], path: "Tests/Support/usb-gadget"),
    .executableTarget(
      name: "usb-client", dependencies: ["CUSB"], path: "Tests/Support/usb-client"),

    .target(name: "CLinkDirect", dependencies: ["CSerialPort"]),
    .executableTarget(
      name: "saltire-measure",
      dependencies: [
        "SaltireServe", "SaltireAnalysis",
        "CLinkDirect", "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireLearning",
        "SaltireCrossbar", "SaltireInstruments", "SaltirePrograms", "SaltireRig", "SaltireRecords",
        "SaltireTraining",
        "SaltireExperiments", "SaltireBenches", "SaltireFigures",
        "SaltireSimulation", "SaltireTesting",
      ]),

    .testTarget(name: "SaltireCoreTests", dependencies: ["SaltireCore"]),
    .testTarget(
      name: "SaltireDevicesTests", dependencies: ["SaltireCore", "SaltireDevices"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "SaltireLinksTests",
      dependencies: ["CPtyShim", "SaltireCore", "SaltireLinks", "SaltireTesting"]),
    // Run inside the USB emulator, which make does.
    .testTarget(
      name: "SaltireUSBTests",
      dependencies: ["SaltireCore", "SaltireLinks", "SaltireInstruments", "SaltireTesting"]),
    .testTarget(
      name: "SaltireLearningTests",
      dependencies: ["SaltireCore", "SaltireDevices", "SaltireLearning"]),
    .testTarget(
      name: "SaltireCrossbarTests",
      dependencies: [
        "CCrossbar", "SaltireCore", "SaltireDevices", "SaltireLearning", "SaltireCrossbar",
      ]),
    .testTarget(
      name: "SaltireAnalysisTests",
      dependencies: ["SaltireAnalysis", "SaltireCore", "SaltireDevices", "SaltireTesting"]),
    .testTarget(
      name: "SaltireInstrumentsTests",
      dependencies: ["SaltireCore", "SaltireLinks", "SaltireInstruments", "SaltireTesting"]),
    .testTarget(
      name: "SaltireSimulationTests",
      dependencies: [
        "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireInstruments", "SaltireSimulation",
        "SaltireTesting",
      ]),
    .testTarget(
      name: "SaltireFiguresTests", dependencies: ["SaltireCore", "SaltireFigures"],
      exclude: ["Golden"]),
  ]
    + [
      "SaltireProgramsTests", "SaltireRigTests", "SaltireRecordsTests", "SaltireTrainingTests",
      "SaltireExperimentsTests", "SaltireBenchesTests", "SaltireServeTests",
    ].map { .testTarget(name: $0, dependencies: lab + ["TestRigs", grdb]) } + [
      .testTarget(
        name: "SaltireTests",
        dependencies: [
          "saltire", "SaltireCore", "SaltireInstruments", "SaltirePrograms", "SaltireRig",
          "SaltireRecords", "SaltireTraining",
          "SaltireExperiments", "SaltireBenches", "SaltireLinks",
          "SaltireSimulation", "SaltireTesting",
        ],
        exclude: ["Fixtures", "Golden"])
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
