public import Foundation

/// A row that its session has not settled, and why it stays open.
public struct OpenEntry: Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// The run of the session is in progress.
    case goesOn
    /// Its session file does not tell; the row counts with its maximum.
    case unknown(String)
  }

  public var entry: LedgerEntry
  public var reason: Reason
}

extension Ledger {
  /// Settles the rows that killed processes left open, from the records of their sessions.
  ///
  /// - Parameter moved: the new places of moved sessions, by session id.
  /// - Returns: the rows that stay open.
  /// - Throws: ``LedgerError``.
  public func settle(moved: [String: URL] = [:]) throws(LedgerError) -> [OpenEntry] {
    var left: [OpenEntry] = []
    let open = Dictionary(grouping: try entries().filter(\.isOpen), by: \.session)
    for (session, entries) in open.sorted(by: { $0.key < $1.key }) {
      var reason = settle(session, entries, from: URL(fileURLWithPath: entries[0].path))
      // The file at the recorded path takes precedence over a copy.
      if case .unknown = reason, let url = moved[session] {
        reason = settle(session, entries, from: url)
      }
      if let reason {
        left += entries.map { OpenEntry(entry: $0, reason: reason) }
      }
    }
    return left
  }

  /// Settles the rows of a session; returns why that is not possible, or nil.
  private func settle(
    _ session: String, _ entries: [LedgerEntry], from url: URL
  ) -> OpenEntry.Reason? {
    do {
      let record = try Session.open(url)
      defer { try? record.close() }
      // The lock keeps the session from being resumed meanwhile.
      let lock = try SessionLock(url)
      defer { lock.release() }
      guard let account = try record.accounts().first(where: { $0.key == session }) else {
        throw SessionError.damaged(path: url.path, reason: "it is another session")
      }
      // An older copy of the session lacks the last entered run.
      if let last = try lastRun(of: session), !account.runs.contains(last) {
        throw SessionError.damaged(path: url.path, reason: "it lacks a later run")
      }
      let doses = try record.confirmedDoses(of: account)
      guard entries.allSatisfy({ doses[$0.device] != nil }) else {
        throw SessionError.damaged(path: url.path, reason: "it was run with other devices")
      }
      try settle(entries, doses, at: url.standardizedFileURL.path)
      return nil
    } catch let error as SessionError {
      if case .inUse = error { return .goesOn }
      return .unknown(error.message)
    } catch {
      return .unknown((error as? LedgerError)?.message ?? error.localizedDescription)
    }
  }
}
