public import Foundation
internal import GRDB
internal import Synchronization

/// One run on disk: manifest, journal of programs and observations, notes and
/// outcome, in one SQLite file.
///
/// A program that can move a device that outlives the process is committed
/// before it is performed, its observations after; any other is committed
/// once, with them. ``Durability`` says which it is. After ``close()`` the
/// session is one file.
public final class Session: Sendable {
  /// What the record of a program that moves devices must survive. All else
  /// survives a crash of the process.
  public enum Durability: Sendable {
    /// The devices die with the process, as models do: programs are recorded
    /// when they have been performed, and committed some hundred at a time.
    case batched
    /// As `batched`, but every program survives a crash of the process from
    /// when it has been performed.
    case processCrash
    /// The devices outlive a power cut: the intent to move them is on the disk
    /// before they move, the observations follow.
    case powerLoss
  }

  /// The layout of the file that this version writes and reads.
  public static let format = 2
  /// "SALT": SQLite's application id of a session.
  static let applicationID = 0x5341_4C54

  public let url: URL
  public let manifest: Manifest
  let database: DatabaseQueue
  let durability: Durability
  /// Writes in the open transaction of a batched session.
  private let pending = Mutex(0)

  /// Makes a new session file.
  ///
  /// - Throws: ``SessionError`` where the file exists or cannot be written.
  public static func create(
    at url: URL, manifest: Manifest, durability: Durability
  ) throws(SessionError) -> Session {
    guard !FileManager.default.fileExists(atPath: url.path) else {
      throw .exists(path: url.path)
    }
    return try storage(url) {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
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
              id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL);
            CREATE TABLE wire (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
            CREATE TABLE outcome (json TEXT NOT NULL);
            """)
        try db.execute(sql: "INSERT INTO manifest VALUES (?)", arguments: [json])
      }
      return Session(url: url, manifest: manifest, database: database, durability: durability)
    }
  }

  /// Opens a recorded session for reading.
  ///
  /// - Throws: ``SessionError`` for what is not a session of this format or
  ///   an earlier one.
  public static func open(_ url: URL) throws(SessionError) -> Session {
    guard FileManager.default.fileExists(atPath: url.path) else { throw .missing(path: url.path) }
    let path = url.path
    let database: DatabaseQueue
    let versions: (application: Int, format: Int)
    do {
      var configuration = Configuration()
      configuration.readonly = true
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
    return Session(url: url, manifest: manifest, database: database, durability: .processCrash)
  }

  private init(url: URL, manifest: Manifest, database: DatabaseQueue, durability: Durability) {
    self.url = url
    self.manifest = manifest
    self.database = database
    self.durability = durability
  }

  /// Ends the use of the file; a session that was written is one file then.
  ///
  /// - Throws: ``SessionError/storage(path:reason:)``.
  public func close() throws(SessionError) {
    try Self.storage(url) {
      if !database.configuration.readonly {
        try database.writeWithoutTransaction { db in
          if pending.withLock({ $0 > 0 }) { try db.execute(sql: "COMMIT") }
          try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
          try db.execute(sql: "PRAGMA journal_mode = DELETE")
        }
      }
      try database.close()
    }
  }

  // MARK: Writing

  /// Commits the intent to perform program `n`, to survive a power cut.
  func begin(_ n: Int, program: [UInt8]) throws(SessionError) {
    try write(lasting: true) { db in
      try db.cachedStatement(sql: "INSERT INTO step (n, program) VALUES (?, ?)")
        .execute(arguments: [n, Data(program)])
    }
  }

  /// Commits what program `n`, begun before, observed.
  func complete(_ n: Int, observations: [UInt8]) throws(SessionError) {
    try write { db in
      try db.cachedStatement(sql: "UPDATE step SET observations = ? WHERE n = ?")
        .execute(arguments: [Data(observations), n])
    }
  }

  /// Commits a program together with its observations.
  func append(_ n: Int, program: [UInt8], observations: [UInt8]) throws(SessionError) {
    try write { db in
      try db.cachedStatement(sql: "INSERT INTO step VALUES (?, ?, ?)")
        .execute(arguments: [n, Data(program), Data(observations)])
    }
  }

  /// Adds a note.
  public func add(_ note: Note) throws(SessionError) {
    let (kind, name, body) = note.stored
    try write { db in
      try db.cachedStatement(sql: "INSERT INTO note (kind, name, body) VALUES (?, ?, ?)")
        .execute(arguments: [kind, name, body])
    }
  }

  /// Adds a piece of the wire transcript.
  func addTranscript(_ piece: [UInt8]) throws(SessionError) {
    try write { db in
      try db.cachedStatement(sql: "INSERT INTO wire (body) VALUES (?)")
        .execute(arguments: [Data(piece)])
    }
  }

  /// Commits how the run ended.
  public func finish(_ ending: Ending) throws(SessionError) {
    let json = ending.json
    try write { db in
      try db.execute(sql: "DELETE FROM outcome")
      try db.execute(sql: "INSERT INTO outcome VALUES (?)", arguments: [json])
    }
  }

  private func write(
    lasting: Bool = false, _ body: (GRDB.Database) throws -> Void
  ) throws(SessionError) {
    if durability == .batched { return try writeInBatch(body) }
    try Self.storage(url) {
      try database.writeWithoutTransaction { db in
        // The level cannot change inside a transaction, and a FULL commit also
        // makes the NORMAL ones before it last.
        if lasting { try db.execute(sql: "PRAGMA synchronous = FULL") }
        try db.inTransaction {
          try body(db)
          return .commit
        }
        if lasting { try db.execute(sql: "PRAGMA synchronous = NORMAL") }
      }
    }
  }

  private func writeInBatch(_ body: (GRDB.Database) throws -> Void) throws(SessionError) {
    try Self.storage(url) {
      try database.writeWithoutTransaction { db in
        try pending.withLock { pending in
          do {
            if pending == 0 { try db.execute(sql: "BEGIN") }
            try body(db)
            pending += 1
            guard pending >= 500 else { return }
            try db.execute(sql: "COMMIT")
            pending = 0
          } catch {
            // Nothing of the batch is kept; SQLite may have said so already.
            pending = 0
            try? db.execute(sql: "ROLLBACK")
            throw error
          }
        }
      }
    }
  }

  static func storage<Value>(
    _ url: URL, _ body: () throws -> Value
  ) throws(SessionError) -> Value {
    do {
      return try body()
    } catch let error as SessionError {
      throw error
    } catch {
      throw .storage(path: url.path, reason: reason(error))
    }
  }

  /// What a failure of SQLite or of the file system says to people.
  static func reason(_ error: any Error) -> String {
    (error as? DatabaseError)?.message ?? error.localizedDescription
  }
}
