public import Foundation
import GRDB
public import SaltirePrograms

/// The doses of all devices over all sessions, in one SQLite file.
///
/// A row for each session and device is written before the device is moved, with the maximum dose
/// that the limits allow, and is settled with the actual dose. So a row is never too small, however
/// the process ends.
///
/// Unlike a session, the ledger is shared by processes and written only twice per run. Every commit
/// is on disk, and there are no auxiliary files while nobody writes.
public final class Ledger: Sendable {
  /// The file format of this version.
  public static let format = 1
  /// "SALD": SQLite's application id of a ledger.
  static let applicationID = 0x5341_4C44

  public let url: URL
  /// Whether the file was created by this call.
  public let isNew: Bool
  private let database: DatabaseQueue

  /// Opens the ledger at `url`, creating it if it does not exist.
  ///
  /// - Parameter patience: seconds to wait for another process that writes.
  /// - Throws: ``LedgerError``.
  public init(_ url: URL, patience: Double = 10) throws(LedgerError) {
    self.url = url
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    // EXTRA also syncs the folder: a commit is undone if its journal reappears.
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = EXTRA") }
    do {
      let holders = try Disk.makeFolders(url.deletingLastPathComponent())
      if let reason = Disk(of: url.deletingLastPathComponent()).refusal(of: "ledger") {
        throw LedgerError.storage(path: url.path, reason: reason)
      }
      // Only an empty file is initialised; any other file is checked first.
      let size = try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
      isNew = size ?? 0 == 0
      if isNew {
        try Self.fill(url, configuration)
        for folder in holders { try Disk.sync(folder) }
      }
      database = try Self.opened(url, configuration)
    } catch {
      throw Self.error(error, url)
    }
  }

  /// Closes the file.
  public func close() { try? database.close() }

  private static func fill(_ url: URL, _ configuration: Configuration) throws {
    let database = try DatabaseQueue(path: url.path, configuration: configuration)
    try database.write { db in
      // If two processes find it empty, the second finds it initialised here.
      guard try Int.fetchOne(db, sql: "PRAGMA user_version") == 0 else { return }
      try db.execute(
        sql: """
          PRAGMA application_id = \(applicationID);
          PRAGMA user_version = \(format);
          CREATE TABLE dose (
            session TEXT NOT NULL, die TEXT NOT NULL, position TEXT NOT NULL,
            device TEXT NOT NULL, path TEXT NOT NULL, begun REAL NOT NULL,
            open INTEGER NOT NULL, pulses INTEGER NOT NULL, half_selected INTEGER NOT NULL,
            seconds REAL NOT NULL, volt_seconds REAL NOT NULL, peak REAL NOT NULL,
            gate_current REAL, PRIMARY KEY (session, die, position));
          """)
    }
    try database.close()
  }

  private static func opened(_ url: URL, _ configuration: Configuration) throws -> DatabaseQueue {
    let path = url.path
    let database: DatabaseQueue
    do throws(DatabaseFile.Refusal) {
      database = try DatabaseFile.open(path, configuration, applicationID, format: format)
    } catch {
      switch error {
      case .busy: throw LedgerError.busy(path: path)
      case .foreign: throw LedgerError.notALedger(path: path)
      case .newer(let other):
        throw LedgerError.newer(path: path, format: other, supported: format)
      case .unknown(let other):
        throw LedgerError.damaged(path: path, reason: "there is no format \(other)")
      case .damaged(let reason): throw LedgerError.damaged(path: path, reason: reason)
      case .storage(let reason): throw LedgerError.storage(path: path, reason: reason)
      }
    }
    // The file is small, and a wrong dose can destroy a device.
    let check = try database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
    guard check == "ok" else {
      throw LedgerError.damaged(path: path, reason: check ?? "it cannot be checked")
    }
    return database
  }

  // MARK: Rows

  /// All rows, by device and then by date; only those of one device if it is given.
  ///
  /// - Throws: ``LedgerError``.
  public func entries(of identity: DeviceIdentity? = nil) throws(LedgerError) -> [LedgerEntry] {
    let all = try use { try $0.read { try Self.entries($0) } }
    return all.filter { identity == nil || $0.identity == identity }.sorted {
      ($0.identity, $0.begun, $0.session) < ($1.identity, $1.begun, $1.session)
    }
  }

  static func entries(_ db: GRDB.Database) throws -> [LedgerEntry] {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT session, die, position, device, path, begun, open, pulses, half_selected,
          seconds, volt_seconds, peak, gate_current FROM dose
        """)
    var entries: [LedgerEntry] = []
    while let row = try rows.next() {
      // SQLite columns accept any type, and text decoded as a number gives 0, so the types are
      // checked.
      let values = (0..<row.count).map { (row[$0] as DatabaseValue).storage }
      func text(_ column: Int) throws -> String {
        if case .string(let text) = values[column] { return text }
        throw impossible
      }
      func count(_ column: Int) throws -> Int {
        if case .int64(let count) = values[column], count >= 0 { return Int(count) }
        throw impossible
      }
      func number(_ column: Int) throws -> Double {
        if case .double(let number) = values[column], number >= 0, number.isFinite {
          return number
        }
        throw impossible
      }
      var dose = Dose()
      (dose.pulses, dose.halfSelected) = (try count(7), try count(8))
      (dose.seconds, dose.voltSeconds) = (try number(9), try number(10))
      dose.peak = try number(11)
      let isOpen = try count(6)
      guard let identity = DeviceIdentity(die: try text(1), position: try text(2)), isOpen <= 1
      else { throw impossible }
      entries.append(
        LedgerEntry(
          session: try text(0), path: try text(4),
          begun: Date(timeIntervalSince1970: try number(5)), device: try text(3),
          identity: identity, dose: dose,
          gateCurrent: row.hasNull(atIndex: 12) ? nil : try number(12), isOpen: isOpen == 1))
    }
    return entries
  }

  private static let impossible = LedgerError.damaged(
    path: "", reason: "it contains an invalid dose")

  func use<Value>(_ body: (DatabaseQueue) throws -> Value) throws(LedgerError) -> Value {
    do { return try body(database) } catch { throw Self.error(error, url) }
  }

  private static func error(_ error: any Error, _ url: URL) -> LedgerError {
    switch error {
    case LedgerError.damaged("", let reason): return .damaged(path: url.path, reason: reason)
    case let error as LedgerError: return error
    case let error as DatabaseError where error.resultCode == .SQLITE_BUSY:
      return .busy(path: url.path)
    case let error as DatabaseError where error.resultCode == .SQLITE_NOTADB:
      return .notALedger(path: url.path)
    case let error as DatabaseError
    where [.SQLITE_CORRUPT, .SQLITE_ERROR].contains(error.resultCode):
      return .damaged(path: url.path, reason: DatabaseFile.reason(error))
    default: return .storage(path: url.path, reason: DatabaseFile.reason(error))
    }
  }
}
