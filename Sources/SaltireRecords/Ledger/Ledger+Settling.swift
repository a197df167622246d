public import Foundation

/// A row of a session that did not come to settle it, and why it stays open.
public struct OpenEntry: Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// The session is being written: its run goes on.
    case goesOn
    /// Its file cannot tell: the row counts as the most that it may be.
    case unknown(String)
  }

  public var entry: LedgerEntry
  public var reason: Reason
}

extension Ledger {
  /// Settles the rows that a killed process left open, from the records of their
  /// sessions.
  ///
  /// - Parameter moved: where sessions are that are somewhere else than where they
  ///   were recorded, by their ids.
  /// - Returns: the rows that stay open.
  /// - Throws: ``LedgerError``.
  public func settle(moved: [String: URL] = [:]) throws(LedgerError) -> [OpenEntry] {
    var left: [OpenEntry] = []
    let open = Dictionary(grouping: try entries().filter(\.isOpen), by: \.session)
    for (session, entries) in open.sorted(by: { $0.key < $1.key }) {
      var reason = settle(session, entries, from: URL(fileURLWithPath: entries[0].path))
      // A copy knows no more than what is where it was recorded.
      if case .unknown = reason, let url = moved[session] {
        reason = settle(session, entries, from: url)
      }
      if let reason {
        left += entries.map { OpenEntry(entry: $0, reason: reason) }
      }
    }
    return left
  }

  /// Settles a session's rows; why that cannot be, where it cannot.
  private func settle(
    _ session: String, _ entries: [LedgerEntry], from url: URL
  ) -> OpenEntry.Reason? {
    do {
      let record = try Session.open(url)
      defer { try? record.close() }
      // Nobody takes it up meanwhile.
      let lock = try SessionLock(url)
      defer { lock.release() }
      guard let account = try record.accounts().first(where: { $0.key == session }) else {
        throw SessionError.damaged(path: url.path, reason: "it is another session")
      }
      // A copy from before does not know of the run that was entered last.
      if let last = try lastRun(of: session), !account.runs.contains(last) {
        throw SessionError.damaged(path: url.path, reason: "a later run is not in it")
      }
      let doses = try record.confirmedDoses(of: account)
      guard entries.allSatisfy({ doses[$0.device] != nil }) else {
        throw SessionError.damaged(path: url.path, reason: "it had other devices")
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
