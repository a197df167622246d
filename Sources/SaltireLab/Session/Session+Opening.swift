public import Foundation
internal import GRDB

extension Session {
  /// Makes a new session file, which is there as a whole or not at all.
  ///
  /// - Throws: ``SessionError`` where the file exists, cannot be written, or
  ///   would be where SQLite cannot keep what it promises.
  public static func create(
    at url: URL, manifest: Manifest, durability: Durability
  ) throws(SessionError) -> Session {
    let folder = url.deletingLastPathComponent()
    let made = try makeFolders(folder, for: url)
    try Disk(of: folder).expectRoom(for: url)
    if FileManager.default.fileExists(atPath: url.path) { throw .exists(path: url.path) }
    let draft = url.appendingPathExtension("new")
    let lock = try makeDraft(draft)
    do throws(SessionError) {
      try storage(url) {
        // Its one transaction is not to be taken back: who fails removes the file.
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = OFF") }
        let database = try DatabaseQueue(path: draft.path, configuration: configuration)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let json = String(decoding: try encoder.encode(manifest), as: UTF8.self)
        try create(database, isLasting: durability == .powerLoss) { db in
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
              CREATE TABLE outcome (json TEXT NOT NULL);
              \(laterTables)
              """)
          try db.execute(sql: "INSERT INTO manifest VALUES (?)", arguments: [json])
        }
        try database.close()
      }
      guard link(draft.path, url.path) == 0 else {
        throw errno == EEXIST
          ? .exists(path: url.path)
          : .storage(path: url.path, reason: String(cString: strerror(errno)))
      }
      unlink(draft.path)
    } catch {
      unlink(draft.path)
      throw error
    }
    do throws(SessionError) {
      return try storage(url) {
        if durability == .powerLoss {
          // A file that is on the disk is lost all the same where its folder does
          // not know of it.
          for folder in [folder] + made { try Disk.sync(folder) }
        }
        let database = try DatabaseQueue(
          path: url.path, configuration: writing(durability))
        return Session(
          url: url, manifest: manifest, database: database, durability: durability, lock: lock)
      }
    } catch {
      // A file without a program would look like a run.
      for name in ["", "-wal", "-shm"] { unlink(url.path + name) }
      throw error
    }
  }

  /// How a session is written to.
  private static func writing(_ durability: Durability) -> Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    // Batches keep a transaction open between writes.
    configuration.allowsUnsafeTransactions = durability == .batched
    return configuration
  }

  /// Tables that the first formats did not have: `wire` came with 2,
  /// `resumption` with 3.
  private static let laterTables = """
    CREATE TABLE IF NOT EXISTS wire (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS resumption (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
    """

  /// Writes what a new file holds, to be on the disk at once where it must last.
  private static func create(
    _ database: DatabaseQueue, isLasting: Bool, _ body: (GRDB.Database) throws -> Void
  ) throws {
    try database.writeWithoutTransaction { db in
      if isLasting { try db.execute(sql: "PRAGMA synchronous = FULL") }
      try db.inTransaction {
        try body(db)
        return .commit
      }
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
    }
  }

  /// Makes `folder` and those above it; the folders that got a new one in them.
  private static func makeFolders(_ folder: URL, for url: URL) throws(SessionError) -> [URL] {
    var parents: [URL] = []
    var missing = folder.standardizedFileURL
    while !FileManager.default.fileExists(atPath: missing.path), missing.path != "/" {
      missing.deleteLastPathComponent()
      parents.append(missing)
    }
    try storage(url) {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    return parents
  }

  /// An empty file that nobody else writes to, in place of what a process left
  /// that died here.
  private static func makeDraft(_ draft: URL) throws(SessionError) -> SessionLock {
    let descriptor = Foundation.open(draft.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .storage(path: draft.path, reason: String(cString: strerror(errno)))
    }
    Foundation.close(descriptor)
    let lock = try SessionLock(draft)
    guard truncate(draft.path, 0) == 0 else {
      throw .storage(path: draft.path, reason: String(cString: strerror(errno)))
    }
    return lock
  }

  /// Opens a recorded session for reading; also while it is being written.
  ///
  /// - Throws: ``SessionError`` for what is not a session of this format or
  ///   an earlier one.
  public static func open(_ url: URL) throws(SessionError) -> Session {
    guard FileManager.default.fileExists(atPath: url.path) else { throw .missing(path: url.path) }
    var configuration = Configuration()
    configuration.readonly = true
    recover(url)
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
    let (database, manifest) = try opened(url, writing(durability))
    try storage(url) {
      try database.write {
        try $0.execute(sql: "PRAGMA user_version = \(format); \(laterTables)")
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
      throw refusal(of: path, error)
    }
    guard versions.application == applicationID else { throw .notASession(path: path) }
    guard versions.format <= format else {
      throw .newer(path: path, format: versions.format, supported: format)
    }
    guard versions.format >= 1 else {
      throw .damaged(path: path, reason: "there is no session format \(versions.format)")
    }
    let json: String?
    do {
      json = try database.read { db in
        // What is asked of a session is no more than its tables hold: no views
        // that never end, no triggers that change what is written.
        let others = try Int.fetchOne(
          db,
          sql: """
            SELECT COUNT(*) FROM sqlite_master
            WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'
            """)
        guard others == 0 else {
          throw SessionError.damaged(path: path, reason: "no session has views or triggers")
        }
        return try String.fetchOne(db, sql: "SELECT json FROM manifest")
      }
    } catch let error as SessionError {
      throw error
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

  /// Takes back what a process left half-done that died while it closed the
  /// session: nobody who only reads could.
  private static func recover(_ url: URL) {
    guard FileManager.default.fileExists(atPath: url.path + "-journal"),
      FileManager.default.isWritableFile(atPath: url.path),
      // Somebody who is closing it is not disturbed.
      let lock = try? SessionLock(url)
    else { return }
    defer { lock.release() }
    // SQLite does it as soon as it reads anything.
    guard let database = try? DatabaseQueue(path: url.path) else { return }
    _ = try? database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    try? database.close()
  }

  /// Why SQLite does not open what is at `path`.
  private static func refusal(of path: String, _ error: any Error) -> SessionError {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard let error = error as? DatabaseError, !isFolder.boolValue else {
      return .notASession(path: path)
    }
    switch error.resultCode {
    case .SQLITE_BUSY: return .inUse(path: path)
    case .SQLITE_CORRUPT: return .damaged(path: path, reason: reason(error))
    case .SQLITE_CANTOPEN, .SQLITE_READONLY:
      // Of a run that was cut off the end is in a file beside it, which SQLite
      // reads only where it may write.
      return .storage(
        path: path, reason: "\(reason(error)); may its file and its folder be written?")
    case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_PERM:
      return .storage(path: path, reason: reason(error))
    default: return .notASession(path: path)
    }
  }
}
