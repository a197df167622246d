import Foundation
import GRDB
import SaltirePrograms

extension Ledger {
  /// The last run entered under a key; nil if there is none.
  ///
  /// - Throws: ``LedgerError``.
  func lastRun(of key: String) throws(LedgerError) -> String? {
    try use { try $0.read { try Self.lastRun(of: key, $0) } }
  }

  private static func lastRun(of key: String, _ db: GRDB.Database) throws -> String? {
    // Early ledgers do not have this table.
    guard try db.tableExists("run") else { return nil }
    return try String.fetchOne(db, sql: "SELECT run FROM run WHERE session = ?", arguments: [key])
  }

  private static func note(_ run: String, of key: String, _ db: GRDB.Database) throws {
    try db.execute(
      sql: "CREATE TABLE IF NOT EXISTS run (session TEXT PRIMARY KEY, run TEXT NOT NULL)")
    try db.execute(sql: "INSERT OR REPLACE INTO run VALUES (?, ?)", arguments: [key, run])
  }

  /// Enters a run: one row for each of its devices, never smaller than the row it replaces.
  ///
  /// - Parameters:
  ///   - entries: the entries of one session, which replace its rows.
  ///   - run: the run that pulses the devices.
  ///   - before: the other rows of these devices when the session's limits were checked.
  /// - Throws: ``LedgerError/changed(_:)`` if these rows have changed; other ``LedgerError``.
  func open(
    _ entries: [LedgerEntry], run: String, after before: [LedgerEntry]
  ) throws(LedgerError) {
    try use { database in
      try database.write { db in
        let now = try Self.entries(db)
        for entry in entries {
          func others(_ rows: [LedgerEntry]) -> [String: LedgerEntry] {
            let others = rows.filter {
              $0.identity == entry.identity && $0.session != entry.session
            }
            return Dictionary(others.map { ($0.session, $0) }) { $1 }
          }
          guard others(now) == others(before) else { throw LedgerError.changed(entry.identity) }
          try Self.replace(entry, atLeast: Self.row(of: entry, in: now)?.dose, db)
          try Self.note(run, of: entry.session, db)
        }
      }
    }
  }

  /// Settles rows: replaces the maximum doses by the actual ones. A settled row can only grow; a
  /// row that is missing from a ledger restored from a copy is entered again.
  ///
  /// - Parameters:
  ///   - entries: the entries as they were entered.
  ///   - doses: the actual doses, by device name.
  ///   - path: the path of the session.
  ///   - run: the run that settles its own rows; nil when settling rows of other runs.
  /// - Returns: whether the rows were as this run had entered them.
  /// - Throws: ``LedgerError``.
  @discardableResult
  func settle(
    _ entries: [LedgerEntry], _ doses: [String: Dose], at path: String, run: String? = nil
  ) throws(LedgerError) -> Bool {
    try use { database in
      try database.write { db in
        let now = try Self.entries(db)
        var isAsEntered = true
        for var entry in entries {
          guard let dose = doses[entry.device] else { continue }
          (entry.dose, entry.isOpen, entry.path) = (dose, false, path)
          let row = Self.row(of: entry, in: now)
          isAsEntered = isAsEntered && row?.isOpen == true
          if let run {
            isAsEntered = try isAsEntered && Self.lastRun(of: entry.session, db) == run
            try Self.note(run, of: entry.session, db)
          }
          try Self.replace(entry, atLeast: row?.isOpen == false ? row?.dose : nil, db)
        }
        return isAsEntered
      }
    }
  }

  private static func row(of entry: LedgerEntry, in rows: [LedgerEntry]) -> LedgerEntry? {
    rows.first { $0.session == entry.session && $0.identity == entry.identity }
  }

  private static func replace(
    _ entry: LedgerEntry, atLeast least: Dose?, _ db: GRDB.Database
  ) throws {
    let dose = entry.dose.atLeast(least ?? Dose())
    try db.execute(
      sql: "INSERT OR REPLACE INTO dose VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        entry.session, entry.identity.die, entry.identity.position, entry.device,
        entry.path, entry.begun.timeIntervalSince1970, entry.isOpen, dose.pulses,
        dose.halfSelected, dose.seconds, dose.voltSeconds, dose.peak, entry.gateCurrent,
      ])
  }
}

extension Dose {
  /// The element-wise maximum.
  fileprivate func atLeast(_ other: Dose) -> Dose {
    var dose = self
    dose.pulses = max(pulses, other.pulses)
    dose.halfSelected = max(halfSelected, other.halfSelected)
    dose.seconds = max(seconds, other.seconds)
    dose.voltSeconds = max(voltSeconds, other.voltSeconds)
    dose.peak = max(peak, other.peak)
    return dose
  }
}
