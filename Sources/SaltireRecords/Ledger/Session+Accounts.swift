import Foundation
import GRDB

/// The part of a session that the ledger has under one key: the session, or the branch of a copy
/// that diverged.
struct LedgerAccount: Equatable {
  var key: String
  /// The runs that pulsed under this key, in order.
  var runs: [String]
  /// Its first program and, if a branch follows, the first program of the branch.
  var first = 0
  var end: Int?
}

/// A run in the ledger, as its session records it. The first run of a session has the session's id.
struct LedgerRun: Codable {
  var run: String
  /// The key from this run on; nil if it does not change.
  var branch: String?
  /// The number of programs before the run.
  var programs: Int
}

extension Session {
  /// Its accounts in the ledger, in order; empty for a session without an id.
  ///
  /// - Throws: ``SessionError``.
  func accounts() throws(SessionError) -> [LedgerAccount] {
    guard let id = manifest.id else { return [] }
    let texts = try read { db -> [String] in
      // Early sessions do not have this table.
      guard try db.tableExists("entry") else { return [] }
      return try String.fetchAll(db, sql: "SELECT json FROM entry ORDER BY id")
    }
    var accounts = [LedgerAccount(key: id, runs: [id])]
    for text in texts {
      guard let entry = JSONText.decode(LedgerRun.self, from: text) else {
        throw .damaged(path: url.path, reason: "an entry in the ledger cannot be read")
      }
      var last = accounts.removeLast()
      if let branch = entry.branch {
        last.end = entry.programs
        accounts += [last, LedgerAccount(key: branch, runs: [entry.run], first: entry.programs)]
      } else {
        last.runs.append(entry.run)
        accounts.append(last)
      }
    }
    return accounts
  }

  /// Its keys in the ledger.
  ///
  /// - Throws: ``SessionError``.
  public func ledgerKeys() throws(SessionError) -> [String] { try accounts().map(\.key) }

  /// Records the entry of a run, before the ledger does.
  func add(_ run: LedgerRun) throws(SessionError) {
    let json = JSONText.encode(run)
    try write(lasting: true) { db in
      try db.execute(sql: "INSERT INTO entry (json) VALUES (?)", arguments: [json])
    }
    try settle()
  }
}
