public import Foundation
internal import GRDB

extension Session {
  /// Makes a new session file.
  ///
  /// - Throws: ``SessionError`` where the file exists, cannot be written, or
  ///   would be where SQLite cannot keep what it promises.
  public static func create(
    at url: URL, manifest: Manifest, durability: Durability
  ) throws(SessionError) -> Session {
    let folder = url.deletingLastPathComponent()
    try storage(url) {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try Disk(of: folder).expectRoom(for: url)
    let lock = try make(url)
    do throws(SessionError) {
      return try storage(url) {
        var configuration = Configuration()
        configuration.journalMode = .wal
        // Batches keep a transaction open between writes.
        configuration.allowsUnsafeTransactions = durability == .batched
        let database = try DatabaseQueue(path: url.path, configuration: configuration)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let json = String(decoding: try encoder.encode(manifest), as: UTF8.self)
        try database.write { db in
          try db.execute(
            sql: """
              PRAGMA application_id = \(applicationID);
              PRAGMA user_version = \(format);
              CREATE TABLE manifest (json TEXT NOT NULL);
              CREATE TABLE step (
                n INTEGER PRIMARY KEY, program BLOB NOT NULL, observations BLOB);
              CREATE TABLE note (
                id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL,
                body BLOB NOT NULL);
              CREATE TABLE wire (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
              CREATE TABLE outcome (json TEXT NOT NULL);
              \(resumptionTable);
              """)
          try db.execute(sql: "INSERT INTO manifest VALUES (?)", arguments: [json])
        }
        return Session(
          url: url, manifest: manifest, database: database, durability: durability, lock: lock)
      }
    } catch {
      // An empty file would look like a run.
      for name in ["", "-wal", "-shm"] { unlink(url.path + name) }
      throw error
    }
  }

  static let resumptionTable =
    "CREATE TABLE IF NOT EXISTS resumption (id INTEGER PRIMARY KEY, json TEXT NOT NULL)"

  /// An empty file that nobody else writes to.
  private static func make(_ url: URL) throws(SessionError) -> SessionLock {
    let descriptor = Foundation.open(url.path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let isThere = errno == EEXIST
      let reason = String(cString: strerror(errno))
      throw isThere ? .exists(path: url.path) : .storage(path: url.path, reason: reason)
    }
    Foundation.close(descriptor)
    return try SessionLock(url)
  }

  /// Opens a recorded session for reading; also while it is being written.
  ///
  /// - Throws: ``SessionError`` for what is not a session of this format or
  ///   an earlier one.
  public static func open(_ url: URL) throws(SessionError) -> Session {
    guard FileManager.default.fileExists(atPath: url.path) else { throw .missing(path: url.path) }
    var configuration = Configuration()
    configuration.readonly = true
    let (database, manifest) = try opened(url, configuration)
    return Session(
      url: url, manifest: manifest, database: database, durability: .processCrash, lock: nil)
  }

  /// Opens a recorded session to go on with it.
  ///
  /// - Parameter durability: of what will be written.
  /// - Throws: ``SessionError``, also ``SessionError/inUse(path:)`` where it is
  ///   still being written.
  public static func reopen(
    _ url: URL, durability: Durability
  ) throws(SessionError) -> Session {
    // What is no session is told so before it is written to.
    try open(url).close()
    try Disk(of: url.deletingLastPathComponent()).expectRoom(for: url)
    let lock = try SessionLock(url)
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.allowsUnsafeTransactions = durability == .batched
    let (database, manifest) = try opened(url, configuration)
    try storage(url) {
      try database.write {
        try $0.execute(sql: "PRAGMA user_version = \(format); \(resumptionTable)")
      }
    }
    return Session(
      url: url, manifest: manifest, database: database, durability: durability, lock: lock)
  }

  private static func opened(
    _ url: URL, _ configuration: Configuration
  ) throws(SessionError) -> (DatabaseQueue, Manifest) {
    let path = url.path
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
      throw .notASession(path: path)
    }
    guard versions.application == applicationID else { throw .notASession(path: path) }
    guard versions.format <= format else {
      throw .newer(path: path, format: versions.format, supported: format)
    }
    let json: String?
    do {
      json = try database.read { try String.fetchOne($0, sql: "SELECT json FROM manifest") }
    } catch {
      throw .damaged(path: path, reason: reason(error))
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    guard let json, let manifest = try? decoder.decode(Manifest.self, from: Data(json.utf8)) else {
      throw .damaged(path: path, reason: "its manifest cannot be read")
    }
    return (database, manifest)
  }
}
