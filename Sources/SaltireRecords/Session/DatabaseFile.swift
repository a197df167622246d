import Foundation
import GRDB

/// What the SQLite files of this program have in common: they say what they are
/// and how they are laid out, and are opened only where that is true.
enum DatabaseFile {
  /// Why a file is not opened.
  enum Refusal: Error {
    /// Another process holds it.
    case busy
    /// It is something else.
    case foreign
    /// Written by a later version, in this format.
    case newer(Int)
    /// No version ever wrote this format.
    case unknown(Int)
    /// What is in it cannot have been written so.
    case damaged(String)
    /// The file system refuses.
    case storage(String)
  }

  /// Opens the file at `path`.
  ///
  /// - Parameters:
  ///   - application: SQLite's application id of what it should be.
  ///   - format: the latest layout that is known.
  /// - Throws: ``Refusal``.
  static func open(
    _ path: String, _ configuration: Configuration, _ application: Int, format: Int
  ) throws(Refusal) -> DatabaseQueue {
    let database: DatabaseQueue
    let versions: (application: Int, format: Int)
    do {
      database = try DatabaseQueue(path: path, configuration: configuration)
      versions = try database.read { db in
        (
          try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
          try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        )
      }
    } catch {
      throw refusal(of: path, error)
    }
    guard versions.application == application else { throw .foreign }
    guard versions.format <= format else { throw .newer(versions.format) }
    guard versions.format >= 1 else { throw .unknown(versions.format) }
    let others: Int?
    do {
      // What is asked of it is no more than its tables hold: no views that never
      // end, no triggers that change what is written.
      others = try database.read { db in
        try Int.fetchOne(
          db,
          sql: """
            SELECT COUNT(*) FROM sqlite_master
            WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'
            """)
      }
    } catch {
      throw .damaged(reason(error))
    }
    guard others == 0 else { throw .damaged("it has views or triggers") }
    return database
  }

  /// What a failure of SQLite or of the file system says to people.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as DatabaseError: error.message ?? error.localizedDescription
    case is RowDecodingError: "a value is of another kind than was written"
    default: error.localizedDescription
    }
  }

  /// Why SQLite does not open what is at `path`.
  private static func refusal(of path: String, _ error: any Error) -> Refusal {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard let error = error as? DatabaseError, !isFolder.boolValue else { return .foreign }
    switch error.resultCode {
    case .SQLITE_BUSY: return .busy
    case .SQLITE_CORRUPT: return .damaged(reason(error))
    case .SQLITE_CANTOPEN, .SQLITE_READONLY:
      // What was written last may be in a file beside it, which SQLite reads only
      // where it may write.
      return .storage("\(reason(error)); may its file and its folder be written?")
    case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_PERM: return .storage(reason(error))
    default: return .foreign
    }
  }
}
