import Foundation
import GRDB

/// What stands in the ledger under one key: a session, or the branch that a copy of
/// one has become which went another way.
struct LedgerAccount: Equatable {
  var key: String
  /// The runs that pulsed on its account, in order.
  var runs: [String]
  /// Its first program and, where a branch follows, the first that is not its own.
  var first = 0
  var end: Int?
}

/// A run that was entered in the ledger, as its session has it; the first run of a
/// session has the session's id.
struct LedgerRun: Codable {
  var run: String
  /// The key from here on; nil where it stays.
  var branch: String?
  /// Programs that there were before.
  var programs: Int
}

extension Session {
  /// Its accounts in the ledger, in order; none of a session without an id.
  ///
  /// - Throws: ``SessionError``.
  func accounts() throws(SessionError) -> [LedgerAccount] {
    guard let id = manifest.id else { return [] }
    let texts = try read { db -> [String] in
      // Sessions of before there was such a thing.
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

  /// The keys that it is in the ledger under.
  ///
  /// - Throws: ``SessionError``.
  public func ledgerKeys() throws(SessionError) -> [String] { try accounts().map(\.key) }

  /// Commits that a run is entered, before it is.
  func add(_ run: LedgerRun) throws(SessionError) {
    let json = JSONText.encode(run)
    try write(lasting: true) { db in
      try db.execute(sql: "INSERT INTO entry (json) VALUES (?)", arguments: [json])
    }
    try settle()
  }
}
