import Foundation
import GRDB
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRecords
import SaltireTesting
import TestRigs
import Testing

@Suite struct SessionTests {
  private let folder: TemporaryFolder
  private let url: URL

  init() throws {
    folder = try TemporaryFolder()
    url = folder["run.saltire"]
  }

  /// Two columns that are declared, and one that only the run knows.
  private enum TestTable: String, RecordedTable {
    case pulse
    case conductance = "G"

    static let name = "swords"
    var unit: String { self == .conductance ? "S" : "" }
  }

  /// A table of the same name with other columns.
  private enum OtherTable: String, RecordedTable {
    case other
    static let name = "swords"
  }

  private static let table = TestTable.table(of: "A1", more: [.init("more")])
  private static let finding = Finding<[String: Double]>("swords")
  private static let ending = Ending(
    exitCode: 11, message: "no symmetry point", outcome: "{\"a\":0.1}", truth: nil,
    duration: 1.0 / 3, wall: .leastNonzeroMagnitude, pulses: 12, safe: true)

  /// A session with something of everything in it.
  private func written(
    _ durability: Session.Durability = .batched, programs: Int = 3
  ) async throws -> Session {
    let session = try Session.create(at: url, manifest: .empty, durability: durability)
    let bench = try JournaledBench(try ModelBench(), session: session)
    for _ in 0..<programs {
      _ = try await bench.perform(Program([.pulse("GA1", level: 4, width: 0.01), .look()]))
    }
    try session.add(.phase("crossed swords A1"))
    try session.add(.rows(Self.table, [1, 2e-6, 7, 2, 3e-6, 8]))
    try session.add(.finding(name: "swords", subject: "A1", json: "{\"kappa\":0.6}"))
    try session.add(.rows(Self.table, [3, 4e-6, 9]))
    try session.add(.phase("training"))
    try session.finish(Self.ending)
    return session
  }

  @Test func aSessionIsNeverOverwritten() async throws {
    try await written().close()
    let before = try Data(contentsOf: url)
    #expect(throws: SessionError.exists(path: url.path)) {
      try Session.create(at: url, manifest: .empty, durability: .batched)
    }
    #expect(try Data(contentsOf: url) == before)
  }

  /// A file has the name of a session only when it is one, and nothing else of its
  /// making is left.
  @Test func aSessionIsThereAsAWholeOrNotAtAll() async throws {
    try await written().close()
    #expect(folder.content() == ["run.saltire"])
    #expect(throws: SessionError.exists(path: url.path)) {
      try Session.create(at: url, manifest: .empty, durability: .batched)
    }
    #expect(folder.content() == ["run.saltire"])
  }

  /// Links of names that anybody can tell have nobody's file written over.
  @Test(arguments: ["run.saltire.new", "run.saltire-wal", "run.saltire-shm", "run.saltire-journal"])
  func aSessionIsWrittenThroughNoLink(name: String) throws {
    let precious = try folder.write("precious", "victim")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path(name), withDestinationPath: precious)
    let session = try? Session.create(at: url, manifest: .empty, durability: .processCrash)
    #expect((session == nil) == !name.hasSuffix(".new"))
    try session?.close()
    #expect(try String(contentsOfFile: precious, encoding: .utf8) == "precious")
  }

  @Test func aManifestWithoutEndIsNotRead() async throws {
    try await written().close()
    let database = try DatabaseQueue(path: url.path)
    try await database.write {
      try $0.execute(
        sql: "UPDATE manifest SET json = ?",
        arguments: [String(repeating: "x", count: (64 << 20) + 1)])
    }
    try database.close()
    #expect(
      throws: SessionError.damaged(path: url.path, reason: "its manifest is longer than 64 MiB")
    ) { try Session.open(url) }
  }

  @Test(arguments: [Session.Durability.batched, .processCrash, .powerLoss])
  func everythingReadsBackFromOneFile(durability: Session.Durability) async throws {
    try await written(durability).close()
    #expect(folder.content() == ["run.saltire"])
    let session = try Session.open(url)
    #expect(session.manifest == .empty)
    #expect(try session.stepCount() == 3)
    #expect(try session.ending() == Self.ending)
    let notebook = try session.notebook()
    #expect(notebook.phases == ["crossed swords A1", "training"])
    #expect(notebook.subjects(of: Self.finding) == ["A1"])
    #expect(notebook.finding(Self.finding, of: "A1") == ["kappa": 0.6])
    #expect(notebook.finding(Self.finding, of: "A2") == nil)
    #expect(notebook.finding(Finding<String>("swords"), of: "A1") == nil)
    #expect(notebook.tables.count == 1)
    #expect(notebook.tables[0].table == Self.table)
    let table = try #require(notebook.table(TestTable.self, of: "A1"))
    #expect(table.subject == "A1")
    #expect(table[.pulse] == [1, 2, 3])
    #expect(table[.conductance] == [2e-6, 3e-6, 4e-6])
    #expect(table.more.map(\.name) == ["more"])
    #expect(table.more.map(\.values) == [[7, 8, 9]])
    #expect(notebook.table(TestTable.self, of: "A2") == nil)
    #expect(notebook.tables(TestTable.self).count == 1)
    #expect(notebook.tables(OtherTable.self).isEmpty)
    #expect(try session.step(3) == nil)
    try session.close()
    #expect(folder.content() == ["run.saltire"])
  }

  @Test func aRunThatWasCutOffHasNoEnding() throws {
    let session = try Session.create(at: url, manifest: .empty, durability: .processCrash)
    try session.add(.phase("training"))
    let reader = try Session.open(url)
    #expect(try reader.ending() == nil)
    #expect(try reader.notebook().phases == ["training"])
    try reader.close()
    try session.close()
  }

  @Test func theLastEndingCounts() async throws {
    let session = try await written()
    var second = Self.ending
    second.exitCode = 0
    second.message = nil
    try session.finish(second)
    try session.close()
    #expect(try Session.open(url).ending() == second)
  }

  @Test func manifestsKeepFilesAndDigests() throws {
    var manifest = Manifest.empty
    manifest.attachments = [.init(name: "c.csv", text: "µ,2\n")]
    manifest.settings = ["devices.states": "4000"]
    manifest.seed = .max
    manifest.conditions = ["operator": "no one"]
    try Session.create(at: url, manifest: manifest, durability: .batched).close()
    let back = try Session.open(url).manifest
    #expect(back == manifest)
    // SHA-256 of "bench: model\n", from sha256sum.
    #expect(
      back.bench.sha256 == "915cc7968becf5d23e810acc4cb5638b6833cced1a95df91cd0fa92ebe93057a")
  }

  @Test func laterFormatsAreLeftToLaterVersions() async throws {
    try await written().close()
    try patch(60, [0, 0, 0, 5])
    #expect(throws: SessionError.newer(path: url.path, format: 5, supported: 4)) {
      try Session.open(url)
    }
  }

  @Test func otherFilesAreNoSessions() async throws {
    #expect(throws: SessionError.missing(path: url.path)) { try Session.open(url) }
    for content in ["", "bench: model\n", String(repeating: "not a database ", count: 500)] {
      try Data(content.utf8).write(to: url)
      #expect(throws: SessionError.notASession(path: url.path)) { try Session.open(url) }
    }
    try FileManager.default.removeItem(at: url)
    // Another program's database.
    try await written().close()
    try patch(68, [0, 0, 0, 0])
    #expect(throws: SessionError.notASession(path: url.path)) { try Session.open(url) }
  }

  @Test func truncatedSessionsAreErrors() async throws {
    try await written(programs: 200).close()
    let whole = try Data(contentsOf: url)
    #expect(whole.count > 20_000)
    // Of the last page SQLite misses only what was used.
    for length in stride(from: 0, to: whole.count - 4096, by: 1021) {
      try whole.prefix(length).write(to: url)
      #expect(throws: SessionError.self) { try Self.readAll(url) }
    }
  }

  /// Values of another kind than a session has them, such as damage or
  /// another program leaves behind.
  @Test(arguments: [
    "UPDATE step SET observations = x'00'", "UPDATE step SET program = x'FF'",
    "UPDATE step SET program = 'text'", "UPDATE step SET observations = 1.5",
    "UPDATE note SET kind = 9", "UPDATE note SET kind = 'x'",
    "UPDATE note SET body = 5", "UPDATE note SET body = x'0100'",
    "UPDATE note SET body = x'00' || body WHERE kind = 2", "UPDATE outcome SET json = '{}'",
    "UPDATE outcome SET json = x'FF'", "UPDATE manifest SET json = 'no'", "DELETE FROM manifest",
    "DROP TABLE note", "DROP TABLE step", "DROP TABLE outcome", "DROP TABLE manifest",
    "ALTER TABLE step RENAME COLUMN program TO code",
  ])
  func damagedValuesAreErrors(damage: String) async throws {
    try await written().close()
    try await DatabaseQueue(path: url.path).write { try $0.execute(sql: damage) }
    #expect(throws: SessionError.self) { try Self.readAll(url) }
  }

  /// A value that its column's NOT NULL should have kept out.
  @Test(arguments: ["step", "note", "outcome", "manifest"])
  func missingValuesAreErrors(table: String) async throws {
    try await written().close()
    try await DatabaseQueue(path: url.path).write { db in
      try db.execute(
        sql: """
          ALTER TABLE \(table) RENAME TO old;
          CREATE TABLE \(table) AS SELECT * FROM old;
          DROP TABLE old;
          UPDATE \(table) SET
            \(["step": "program", "note": "name"][table, default: "json"]) = NULL;
          """)
    }
    if table == "outcome" {
      // No value is the same as no outcome.
      #expect(try Session.open(url).ending() == nil)
    } else {
      #expect(throws: SessionError.self) { try Self.readAll(url) }
    }
  }

  /// Bytes changed anywhere in 300 small files: they read as something or are
  /// errors of sessions, and nothing worse.
  @Test func randomDamageIsAnErrorAtWorst() async throws {
    try await written().close()
    let whole = try Data(contentsOf: url)
    var random = RandomStream(seed: 21)
    var errors = 0
    for _ in 0..<300 {
      var damaged = whole
      for _ in 0...Int(random.uniform() * 8) {
        damaged[Int(random.uniform() * Double(whole.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      try damaged.write(to: url)
      do throws(SessionError) { try Self.readAll(url) } catch { errors += 1 }
    }
    #expect(errors > 30)
  }

  /// Everything that a session can be asked for.
  private static func readAll(_ url: URL) throws(SessionError) {
    let session = try Session.open(url)
    for n in 0..<min(max(try session.stepCount(), 0), 500) { _ = try session.step(n) }
    _ = try session.notebook()
    _ = try session.ending()
    try session.close()
  }

  private func patch(_ offset: UInt64, _ bytes: [UInt8]) throws {
    let file = try FileHandle(forUpdating: url)
    try file.seek(toOffset: offset)
    try file.write(contentsOf: bytes)
    try file.close()
  }
}
