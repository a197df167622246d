public import Foundation
import GRDB
import SaltireCore

extension Session {
  /// Makes a new session file, which is there as a whole or not at all.
  ///
  /// - Throws: ``SessionError`` where the file exists, cannot be written, or
  ///   would be where SQLite cannot keep what it promises.
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
        // Its one transaction is not to be taken back: who fails removes the file.
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
      // Some file systems know no second names: there nothing tells of a file that
      // came meanwhile.
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
          // A file that is on the disk is lost all the same where its folder does
          // not know of it.
          for folder in holders { try Disk.sync(folder) }
        }
        let database = try DatabaseQueue(
          path: url.path, configuration: writing(durability))
        return Session(
          url: url, manifest: manifest, database: database, durability: durability, lock: lock)
      }
    } catch {
      // A file without a program would look like a run.
      for name in ["", "-wal", "-shm", "-journal"] { unlink(url.path + name) }
      throw error
    }
  }

  /// Makes the file of what is written last, before the session says that it has
  /// one: a session without it was moved, and what it held is not known.
  private static func makeLog(of url: URL) throws(SessionError) {
    let descriptor = Foundation.open(
      log(of: url), O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .storage(path: log(of: url), reason: String(cString: strerror(errno)))
    }
    Foundation.close(descriptor)
  }

  private static func log(of url: URL) -> String { url.path + "-wal" }

  /// Whether the file says that more of it is in another, which is not beside it.
  private static func lacksLog(_ url: URL) -> Bool {
    guard !FileManager.default.fileExists(atPath: log(of: url)),
      let file = try? FileHandle(forReadingFrom: url)
    else { return false }
    defer { try? file.close() }
    // The read version of SQLite's file format: 2 where it writes ahead.
    let header = try? file.read(upToCount: 20)
    return header?.count == 20 && header?[19] == 2
  }

  /// How a session is written to.
  private static func writing(_ durability: Durability) -> Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    // Batches keep a transaction open between writes.
    configuration.allowsUnsafeTransactions = durability == .batched
    return configuration
  }

  /// - Throws: ``SessionError/storage(path:reason:)`` where it would not be safe.
  private static func expectRoom(for url: URL) throws(SessionError) {
    if let reason = Disk(of: url.deletingLastPathComponent()).refusal(of: "session") {
      throw .storage(path: url.path, reason: reason)
    }
  }

  /// An empty file of a name that nobody can tell beforehand.
  private static func makeDraft(in folder: URL) throws(SessionError) -> URL {
    do throws(FileFailure) {
      return try NewFile.draft(in: folder)
    } catch {
      throw .storage(path: error.path, reason: error.reason)
    }
  }

  /// SQLite writes to files beside a session by their names, wherever links of these names
  /// lead.
  private static func refuseLinks(besides url: URL) throws(SessionError) {
    for name in ["-wal", "-shm", "-journal"] {
      var status = stat()
      guard lstat(url.path + name, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else {
        continue
      }
      throw .storage(path: url.path + name, reason: "it is a link, which is not followed")
    }
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
    // Somebody who is closing it has taken its log away, and is about to say so.
    let lock = lacksLog(url) ? try? SessionLock(url) : nil
    defer { lock?.release() }
    let lacksLog = lock != nil && lacksLog(url)
    let (database, manifest) = try opened(url, configuration) {
      try $0.writeWithoutTransaction(SessionFormat.show)
    }
    let session = Session(
      url: url, manifest: manifest, database: database, durability: .processCrash, lock: nil)
    // Of one that came to its end all is in the file.
    if lacksLog, try session.ending()?.outcome == nil {
      try session.close()
      // Made to read it with: the next one must not take it for the lost one.
      for name in [log(of: url), url.path + "-shm"] { unlink(name) }
      throw .incomplete(path: url.path)
    }
    return session
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

  /// - Parameter prepare: makes it one of the current format.
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
        throw .damaged(path: path, reason: "there is no session format \(other)")
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
}
