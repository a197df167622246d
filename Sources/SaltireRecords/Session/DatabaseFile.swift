import Foundation
import GRDB

/// The common part of saltire's SQLite files: they state their type and format, and are opened only
/// if both are known.
enum DatabaseFile {
  /// Why a file cannot be opened.
  enum Refusal: Error {
    /// Another process holds it.
    case busy
    /// It is another type of file.
    case foreign
    /// A later version wrote it, in this format.
    case newer(Int)
    /// No version has this format.
    case unknown(Int)
    /// Its contents are inconsistent.
    case damaged(String)
    /// An error of the file system.
    case storage(String)
  }

  /// Opens the file at `path`.
  ///
  /// - Parameters:
  ///   - application: the expected SQLite application id.
  ///   - format: the latest known format.
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
      // Only plain tables are accepted: a view could run forever, and a trigger could change what
      // is written.
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

  /// An error of SQLite or of the file system as text.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as DatabaseError: error.message ?? error.localizedDescription
    case is RowDecodingError: "a value has an unexpected type"
    default: error.localizedDescription
    }
  }

  /// Why SQLite cannot open the file at `path`.
  private static func refusal(of path: String, _ error: any Error) -> Refusal {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard let error = error as? DatabaseError, !isFolder.boolValue else { return .foreign }
    switch error.resultCode {
    case .SQLITE_BUSY: return .busy
    case .SQLITE_CORRUPT: return .damaged(reason(error))
    case .SQLITE_CANTOPEN, .SQLITE_READONLY:
      // The last writes may be in a write-ahead log, which SQLite can read only if it may write.
      return .storage("\(reason(error)); are its file and its folder writable?")
    case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_PERM: return .storage(reason(error))
    default: return .foreign
    }
  }
}
