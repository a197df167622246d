import Foundation
import Testing

/// Rules that hold for every source file.
@Suite struct HygieneTests {
  /// What would make a run depend on when or where it happens.
  private static let banned = [
    "Date()", "Date.now", "ContinuousClock", "SuspendingClock", "DispatchTime.now",
    "clock_gettime", "gettimeofday", "Task.sleep", "usleep", "sleep(", "nanosleep",
    "SystemRandomNumberGenerator", ".random(in:", "arc4random", ".shuffled()",
    ".randomElement()",
  ]

  private struct Source {
    /// Below Sources.
    let path: String
    let lines: [Substring]
    var module: String { String(path.prefix { $0 != "/" }) }
    /// The modules that it imports.
    var imports: [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at <= 1, at + 1 < words.count else {
          return nil
        }
        return String(words[at + 1])
      }
    }
  }

  private static func sources() throws -> [Source] {
    let folder = Command.root.appendingPathComponent("Sources")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      return Source(
        path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }

  @Test func onlyHostTimeReadsAClockAndNothingDrawsFromTheSystem() throws {
    let sources = try Self.sources()
    #expect(sources.count > 80)
    for source in sources where source.path != "SaltireCore/Time/HostTime.swift" {
      for (index, line) in source.lines.enumerated() {
        for word in Self.banned where line.contains(word) {
          Issue.record("\(source.path):\(index + 1) uses \(word)")
        }
      }
    }
  }

  @Test func noFileIsLongerThanAPageOrFive() throws {
    for source in try Self.sources() {
      #expect(source.lines.count <= 321, "\(source.path)")
    }
  }

  /// The rooms of the house, lowest first, with the doors between them: what a module
  /// depends on beside what it links against.
  private static let doors: [(room: String, to: Set<String>)] = [
    ("SaltireCore", ["Yams"]),
    ("SaltireFigures", ["SaltireCore"]),
    ("SaltireDevices", ["SaltireCore"]),
    ("SaltireLinks", ["CSerialPort", "CUSB", "SaltireCore"]),
    ("SaltireLearning", ["SaltireCore", "SaltireDevices"]),
    ("SaltireAnalysis", ["SaltireCore", "SaltireDevices"]),
    ("SaltireInstruments", ["SaltireCore", "SaltireLinks"]),
    ("SaltireCrossbar", ["CCrossbar", "SaltireCore", "SaltireDevices", "SaltireLearning"]),
    (
      "SaltireSimulation",
      ["CLua", "CScripts", "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireInstruments"]
    ),
    ("SaltirePrograms", ["SaltireCore", "SaltireLearning"]),
    (
      "SaltireRig",
      ["SaltireCore", "SaltireLinks", "SaltireLearning", "SaltireInstruments", "SaltirePrograms"]
    ),
    (
      "SaltireRecords",
      ["CCrypto", "GRDB", "SaltireCore", "SaltireLinks", "SaltireAnalysis", "SaltirePrograms"]
    ),
    (
      "SaltireTraining",
      [
        "SaltireCore", "SaltireFigures", "SaltireDevices", "SaltireLearning", "SaltireAnalysis",
        "SaltireCrossbar", "SaltireRecords",
      ]
    ),
    (
      "SaltireExperiments",
      [
        "SaltireCore", "SaltireFigures", "SaltireDevices", "SaltireLearning", "SaltireAnalysis",
        "SaltirePrograms", "SaltireRecords", "SaltireTraining",
      ]
    ),
    (
      "SaltireBenches",
      [
        "SaltireCore", "SaltireDevices", "SaltireLinks", "SaltireLearning", "SaltireAnalysis",
        "SaltireInstruments", "SaltireSimulation", "SaltirePrograms", "SaltireRig",
        "SaltireRecords", "SaltireExperiments",
      ]
    ),
    (
      "SaltireServe",
      [
        "SaltireCore", "SaltireLinks", "SaltireInstruments", "SaltireSimulation",
        "SaltirePrograms", "SaltireRig", "SaltireBenches",
      ]
    ),
  ]

  private struct Package: Decodable {
    struct Target: Decodable {
      let name: String
      let target_dependencies: [String]?
      let product_dependencies: [String]?
    }
    let targets: [Target]
  }

  /// `make test` writes what `swift package describe` says; the build refuses an import that
  /// is not among these.
  @Test func roomsHaveTheseDoors() throws {
    let file = Command.root.appendingPathComponent(".build/package.json")
    let package = try JSONDecoder().decode(Package.self, from: Data(contentsOf: file))
    let targets = Dictionary(uniqueKeysWithValues: package.targets.map { ($0.name, $0) })
    for (index, door) in Self.doors.enumerated() {
      let target = try #require(targets[door.room])
      let found = Set((target.target_dependencies ?? []) + (target.product_dependencies ?? []))
      #expect(found == door.to, "\(door.room)")
      let below = Set(Self.doors[..<index].map(\.room))
      #expect(found.filter { $0.hasPrefix("Saltire") }.isSubset(of: below), "\(door.room)")
    }
  }

  /// What a module may know. Programs know no database and no instrument, the rig no
  /// simulator, training no instrument, figures no session, and only records know the
  /// database.
  private static let allowed: [String: Set<String>] = [
    "SaltireFigures": ["Foundation", "SaltireCore"],
    "SaltirePrograms": ["SaltireCore", "SaltireLearning", "Synchronization"],
    "SaltireRig": [
      "Foundation", "SaltireCore", "SaltireInstruments", "SaltireLearning", "SaltireLinks",
      "SaltirePrograms", "Synchronization",
    ],
    "SaltireRecords": [
      "CCrypto", "Dispatch", "Foundation", "GRDB", "SaltireAnalysis", "SaltireCore",
      "SaltireLinks", "SaltirePrograms", "Synchronization",
    ],
    "SaltireTraining": [
      "Foundation", "SaltireAnalysis", "SaltireCore", "SaltireCrossbar", "SaltireDevices",
      "SaltireFigures", "SaltireLearning", "SaltireRecords",
    ],
    "SaltireExperiments": [
      "Foundation", "SaltireAnalysis", "SaltireCore", "SaltireDevices", "SaltireFigures",
      "SaltireLearning", "SaltirePrograms", "SaltireRecords", "SaltireTraining",
    ],
  ]

  @Test func modulesKnowWhatTheyMay() throws {
    var seen: Set<String> = []
    for source in try Self.sources() {
      for name in source.imports {
        if name == "GRDB" {
          #expect(source.module == "SaltireRecords", "\(source.path)")
        }
        guard let allowed = Self.allowed[source.module] else { continue }
        seen.insert(source.module)
        #expect(allowed.contains(name), "\(source.path) imports \(name)")
      }
    }
    #expect(seen.count == Self.allowed.count)
  }

  /// No module is the house.
  @Test func noModuleHasMoreThanSixThousandLines() throws {
    let modules = Dictionary(grouping: try Self.sources(), by: \.module)
    for (name, sources) in modules {
      #expect(sources.reduce(0) { $0 + $1.lines.count } <= 6000, "\(name)")
    }
  }

  /// Tests are found where what they test is.
  @Test func foldersOfTestsAreThoseOfTheirModules() throws {
    let files = FileManager.default
    let tests = Command.root.appendingPathComponent("Tests")
    let others: Set = ["Support", "Fixtures", "Golden"]
    var folders = 0
    for target in try files.contentsOfDirectory(atPath: tests.path) where target.hasSuffix("Tests")
    {
      let module = target == "SaltireTests" ? "saltire" : String(target.dropLast(5))
      let own = tests.appendingPathComponent(target)
      for path in try files.subpathsOfDirectory(atPath: own.path)
      where !others.contains(path.split(separator: "/").first.map(String.init) ?? "") {
        var isFolder: ObjCBool = false
        let place = own.appendingPathComponent(path).path
        guard files.fileExists(atPath: place, isDirectory: &isFolder), isFolder.boolValue else {
          continue
        }
        folders += 1
        let source = Command.root.appendingPathComponent("Sources/\(module)/\(path)").path
        #expect(files.fileExists(atPath: source), "\(target)/\(path)")
      }
    }
    #expect(folders > 20)
  }
}
