import Foundation
import GRDB
import SaltireCore
import SaltireTesting
import TestRigs
import Testing

@testable import SaltirePrograms
@testable import SaltireRecords

/// Files that are not ledgers, and ledgers that are locked.
@Suite struct LedgerDamageTests {
  private let folder: TemporaryFolder
  private let url: URL

  init() throws {
    folder = try TemporaryFolder()
    url = folder["doses.sqlite"]
    let ledger = try Ledger(url)
    var dose = Dose()
    dose.pulses = 12
    let identity = try #require(DeviceIdentity(rawValue: "W1/B2"))
    try ledger.open(
      (0..<40).map {
        LedgerEntry(
          session: "s\($0)", path: "/tmp/s", begun: Date(timeIntervalSince1970: 0), device: "A1",
          identity: identity, dose: dose, gateCurrent: nil, isOpen: false)
      }, run: "run", after: [])
    ledger.close()
  }

  private func readAll() throws(LedgerError) -> [LedgerEntry] { try Ledger(url).entries() }

  @Test func otherFilesAreNoLedgers() throws {
    #expect(try readAll().count == 40)
    for content in ["bench: model\n", String(repeating: "not a database ", count: 500)] {
      try Data(content.utf8).write(to: url)
      #expect(throws: LedgerError.notALedger(path: url.path)) { try self.readAll() }
      #expect(try Data(contentsOf: url) == Data(content.utf8))
    }
    let session = folder["a.saltire"]
    try Session.create(at: session, manifest: .empty, durability: .batched).close()
    let before = try Data(contentsOf: session)
    #expect(throws: LedgerError.notALedger(path: session.path)) { try Ledger(session) }
    #expect(try Data(contentsOf: session) == before)
    #expect(throws: LedgerError.notALedger(path: folder.url.path)) { try Ledger(self.folder.url) }
  }

  @Test func laterFormatsAreLeftToLaterVersions() async throws {
    try await DatabaseQueue(path: url.path).write { try $0.execute(sql: "PRAGMA user_version = 2") }
    #expect(throws: LedgerError.newer(path: url.path, format: 2, supported: 1)) {
      try self.readAll()
    }
  }

  @Test func aLockedLedgerIsWaitedForAndThenNamed() throws {
    let other = try DatabaseQueue(path: url.path)
    try other.writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN EXCLUSIVE")
      #expect(throws: LedgerError.busy(path: url.path)) { try Ledger(self.url, patience: 0.05) }
      try db.execute(sql: "ROLLBACK")
    }
    #expect(try readAll().count == 40)
  }

  /// An impossible dose is an error and never a smaller dose.
  @Test(arguments: [
    "UPDATE dose SET pulses = -1", "UPDATE dose SET pulses = 'x'", "UPDATE dose SET pulses = 1.5",
    "UPDATE dose SET seconds = 9e999", "UPDATE dose SET seconds = -1e-9",
    "UPDATE dose SET peak = x'00'",
    "UPDATE dose SET open = 2", "UPDATE dose SET die = ''", "UPDATE dose SET position = 'a b'",
    "UPDATE dose SET path = x'FF'", "UPDATE dose SET begun = 'soon'", "DROP TABLE dose",
    "ALTER TABLE dose RENAME COLUMN pulses TO count", "CREATE VIEW v AS SELECT * FROM dose",
    "CREATE TRIGGER t AFTER UPDATE ON dose BEGIN DELETE FROM dose; END", "PRAGMA user_version = 0",
  ])
  func damagedValuesAreErrors(damage: String) async throws {
    try await DatabaseQueue(path: url.path).write { try $0.execute(sql: damage) }
    do throws(LedgerError) {
      _ = try readAll()
      Issue.record("read all the same")
    } catch {
      guard case .damaged(url.path, let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!reason.isEmpty)
    }
  }

  /// After random damage a ledger is readable or an error.
  @Test func randomDamageIsAnErrorAtWorst() throws {
    let whole = try Data(contentsOf: url)
    var random = RandomStream(seed: 5)
    var errors = 0
    for _ in 0..<300 {
      var damaged = whole
      for _ in 0...Int(random.uniform() * 8) {
        damaged[Int(random.uniform() * Double(whole.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      try damaged.write(to: url)
      do throws(LedgerError) { _ = try readAll() } catch { errors += 1 }
    }
    #expect(errors > 30)
    for length in stride(from: 1, to: whole.count, by: 397) {
      try whole.prefix(length).write(to: url)
      #expect(throws: LedgerError.self) { try self.readAll() }
    }
  }
}
