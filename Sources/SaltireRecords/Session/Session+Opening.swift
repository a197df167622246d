public import Foundation
import GRDB
import SaltireCore

extension Session {
  /// Creates a session file atomically.
  ///
  /// - Throws: ``SessionError`` if the file exists, cannot be written, or would be on a disk where
  ///   SQLite cannot write safely.
  public static func create(
    at url: URL, manifest: Manifest, durability: Durability
  ) throws(SessionError) -> Session {
    let folder = url.deletingLastPathComponent()
    let holders = try storage(url) { try Disk.makeFolders(folder) }
    try expectRoom(for: url)
    if FileManager.default.fileExists(atPath: url.path) { throw .exists(path: url.path) }
    try refuseLinks(besides: url)
    let draft = try makeDraft(in: folder)
    let lock = try SessionLock(draft)
    do throws(SessionError) {
      try storage(url) {
        // Its one transaction needs no rollback: on failure the file is removed.
        var configuration = Configuration()
        let sync = durability == .powerLoss ? "FULL" : "OFF"
        configuration.prepareDatabase {
          try $0.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = \(sync)")
        }
        let database = try DatabaseQueue(path: draft.path, configuration: configuration)
        try database.write { db in
          try db.execute(
            sql: """
              PRAGMA application_id = \(applicationID);
              PRAGMA user_version = \(SessionFormat.current);
              \(SessionFormat.tables)
              """)
          try db.execute(
            sql: "INSERT INTO manifest VALUES (?)", arguments: [JSONText.encode(manifest)])
        }
        try database.close()
      }
      // Some file systems have no hard links; there a file created meanwhile goes unnoticed.
      guard link(draft.path, url.path) == 0 || errno == EPERM && rename(draft.path, url.path) == 0
      else {
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
      try makeLog(of: url)
      return try storage(url) {
        if durability == .powerLoss {
          // A new file is durable only after its folder is synced.
          for folder in holders { try Disk.sync(folder) }
        }
        let database = try DatabaseQueue(
          path: url.path, configuration: writing(durability))
        return Session(
          url: url, manifest: manifest, database: database, durability: durability, lock: lock)
      }
    } catch {
      // A session without a program would look like a run.
      for name in ["", "-wal", "-shm", "-journal"] { unlink(url.path + name) }
      throw error
    }
  }

  /// Creates the write-ahead log before the session file refers to it. A session without its log
  /// was therefore moved, and its last writes are missing.
  private static func makeLog(of url: URL) throws(SessionError) {
    let descriptor = Foundation.open(
      log(of: url), O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .storage(path: log(of: url), reason: String(cString: strerror(errno)))
    }
    Foundation.close(descriptor)
  }

  private static func log(of url: URL) -> String { url.path + "-wal" }

  /// Whether the file requires a write-ahead log that is missing.
  private static func lacksLog(_ url: URL) -> Bool {
    guard !FileManager.default.fileExists(atPath: log(of: url)),
      let file = try? FileHandle(forReadingFrom: url)
    else { return false }
    defer { try? file.close() }
    // The read version in SQLite's file header: 2 in write-ahead mode.
    let header = try? file.read(upToCount: 20)
    return header?.count == 20 && header?[19] == 2
  }

  /// The configuration for writing.
  private static func writing(_ durability: Durability) -> Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    // In batched mode a transaction stays open between writes.
    configuration.allowsUnsafeTransactions = durability == .batched
    return configuration
  }

  /// - Throws: ``SessionError/storage(path:reason:)`` if the disk is not safe.
  private static func expectRoom(for url: URL) throws(SessionError) {
    if let reason = Disk(of: url.deletingLastPathComponent()).refusal(of: "session") {
      throw .storage(path: url.path, reason: reason)
    }
  }

  /// Creates an empty file with an unpredictable name.
  private static func makeDraft(in folder: URL) throws(SessionError) -> URL {
    do throws(FileFailure) {
      return try NewFile.draft(in: folder)
    } catch {
      throw .storage(path: error.path, reason: error.reason)
    }
  }

  /// SQLite opens auxiliary files by name and would follow symbolic links there.
  private static func refuseLinks(besides url: URL) throws(SessionError) {
    for name in ["-wal", "-shm", "-journal"] {
      var status = stat()
      guard lstat(url.path + name, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else {
        continue
      }
      throw .storage(path: url.path + name, reason: "it is a symbolic link, which is not followed")
    }
  }

  /// Opens a recorded session for reading, also during its run.
  ///
  /// - Throws: ``SessionError`` if it is not a session of this or an earlier format.
  public static func open(_ url: URL) throws(SessionError) -> Session {
    guard FileManager.default.fileExists(atPath: url.path) else { throw .missing(path: url.path) }
    var configuration = Configuration()
    configuration.readonly = true
    recover(url)
    // A process that is closing the session has removed the log and is about to update the header.
    let lock = lacksLog(url) ? try? SessionLock(url) : nil
    defer { lock?.release() }
    let lacksLog = lock != nil && lacksLog(url)
    let (database, manifest) = try opened(url, configuration) {
      try $0.writeWithoutTransaction(SessionFormat.show)
    }
    let session = Session(
      url: url, manifest: manifest, database: database, durability: .processCrash, lock: nil)
    // A complete session needs no log.
    if lacksLog, try session.ending()?.outcome == nil {
      try session.close()
      // These files were created for reading, and must not be mistaken for the lost ones.
      for name in [log(of: url), url.path + "-shm"] { unlink(name) }
      throw .incomplete(path: url.path)
    }
    return session
  }

  /// Opens a recorded session to resume it.
  ///
  /// - Parameter durability: the durability of new records.
  /// - Throws: ``SessionError``, for example ``SessionError/inUse(path:)`` if it is being written.
  public static func reopen(
    _ url: URL, durability: Durability
  ) throws(SessionError) -> Session {
    // Rejects files that are not sessions before writing to them.
    try open(url).close()
    try expectRoom(for: url)
    try refuseLinks(besides: url)
    let lock = try SessionLock(url)
    try makeLog(of: url)
    if durability == .powerLoss {
      try storage(url) { try Disk.sync(url.deletingLastPathComponent()) }
    }
    let (database, manifest) = try opened(url, writing(durability)) { database in
      try storage(url) { try database.write(SessionFormat.upgrade) }
    }
    return Session(
      url: url, manifest: manifest, database: database, durability: durability, lock: lock)
  }

  /// - Parameter prepare: upgrades it to the current format.
  private static func opened(
    _ url: URL, _ configuration: Configuration, _ prepare: (DatabaseQueue) throws -> Void
  ) throws(SessionError) -> (DatabaseQueue, Manifest) {
    let path = url.path
    let database: DatabaseQueue
    let json: String?
    do throws(DatabaseFile.Refusal) {
      database = try DatabaseFile.open(
        path, configuration, applicationID, format: SessionFormat.current)
    } catch {
      switch error {
      case .busy: throw .inUse(path: path)
      case .foreign: throw .notASession(path: path)
      case .newer(let other):
        throw .newer(path: path, format: other, supported: SessionFormat.current)
      case .unknown(let other):
        throw .damaged(path: path, reason: "unknown session format \(other)")
      case .damaged(let reason): throw .damaged(path: path, reason: reason)
      case .storage(let reason): throw .storage(path: path, reason: reason)
      }
    }
    do {
      try prepare(database)
      json = try database.read {
        try String.fetchOne(
          $0, sql: "SELECT iif(length(json) > ?, '', json) FROM manifest",
          arguments: [Manifest.longest])
      }
    } catch let error as SessionError {
      throw error
    } catch {
      throw .damaged(path: path, reason: DatabaseFile.reason(error))
    }
    if json == "" {
      throw .damaged(
        path: path, reason: "its manifest is longer than \(Manifest.longest >> 20) MiB")
    }
    guard let json, let manifest = JSONText.decode(Manifest.self, from: json) else {
      throw .damaged(path: path, reason: "its manifest cannot be read")
    }
    return (database, manifest)
  }

  /// Rolls back what a process left unfinished when it died while closing the session; a reader
  /// cannot do this.
  private static func recover(_ url: URL) {
    guard FileManager.default.fileExists(atPath: url.path + "-journal"),
      FileManager.default.isWritableFile(atPath: url.path),
      // Does not interfere with a process that is closing it.
      let lock = try? SessionLock(url)
    else { return }
    defer { lock.release() }
    // SQLite rolls back as soon as it reads.
    guard let database = try? DatabaseQueue(path: url.path) else { return }
    _ = try? database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    try? database.close()
  }
}
