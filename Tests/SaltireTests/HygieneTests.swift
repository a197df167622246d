import Foundation
import Testing

/// Rules that hold for every source file.
@Suite struct HygieneTests {
  /// Lowest first, as Package.swift lists them.
  private static let order = [
    "SaltireCore", "SaltireFigures", "SaltireDevices", "SaltireLinks", "SaltireLearning",
    "SaltireAnalysis", "SaltireInstruments", "SaltireCrossbar", "SaltireSimulation",
    "SaltirePrograms", "SaltireRig", "SaltireRecords", "SaltireTraining", "SaltireExperiments",
    "SaltireBenches", "saltire", "SaltireTesting", "saltire-measure",
  ]

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

  @Test func modulesImportDownwardOnly() throws {
    var imports = 0
    for source in try Self.sources() {
      let own = try #require(Self.order.firstIndex(of: source.module), "\(source.path)")
      for name in source.imports where name.hasPrefix("Saltire") {
        imports += 1
        let other = try #require(Self.order.firstIndex(of: name), "\(source.path): \(name)")
        #expect(other < own, "\(source.path) imports \(name)")
      }
    }
    #expect(imports > 50)
  }

  /// The order above is the manifest's.
  @Test func theManifestListsModulesInThatOrder() throws {
    let manifest = try String(
      contentsOf: Command.root.appendingPathComponent("Package.swift"), encoding: .utf8)
    var places: [String.Index] = []
    for name in Self.order {
      let range = try #require(
        manifest.range(of: "arget(name: \"\(name)\"")
          ?? manifest.range(of: "arget(\n      name: \"\(name)\""), "\(name)")
      places.append(range.lowerBound)
    }
    #expect(places == places.sorted())
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
