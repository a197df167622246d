public import Foundation
package import GRDB
import Synchronization

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

  /// "SALT": SQLite's application id of a session.
  static let applicationID = 0x5341_4C54

  public let url: URL
  public let manifest: Manifest
  package let database: DatabaseQueue
  let durability: Durability
  /// Writes in the open transaction of a batched session.
  private let pending = Mutex(0)

  /// Notes of a run that is taken up again, as long as it asks for nothing that is
  /// not recorded; nil before and after.
  private let recalled = Mutex<[Note]?>(nil)

  /// Held while the session is written; nil where it is only read.
  let lock: SessionLock?
  /// Writes to the disk, where somebody may have to go on without it.
  let writer: SessionWriter?
  /// Sees whether it is still there, from ``beginWatch(onLoss:)`` on.
  let watch = Mutex<SessionWatch?>(nil)
  /// Why nothing is written any more.
  let givenUp = Mutex<SessionError?>(nil)

  init(
    url: URL, manifest: Manifest, database: DatabaseQueue, durability: Durability,
    lock: SessionLock?
  ) {
    self.url = url
    self.manifest = manifest
    self.database = database
    self.durability = durability
    self.lock = lock
    writer = durability == .powerLoss ? SessionWriter(path: url.path) : nil
  }

  /// Ends the use of the file; a session that was written is one file then,
  /// unless somebody is reading it.
  ///
  /// - Throws: ``SessionError``: also where it is gone, or was given up.
  public func close() throws(SessionError) {
    let watch = watch.withLock { $0 }
    _ = watch?.look()
    watch?.end()
    do throws(SessionError) {
      try expectWritable()
      try settle()
    } catch {
      // SQLite would wait for the disk, and remove by their names the files of
      // whoever has them now.
      if writingEnded != nil { _ = Unmanaged.passRetained(database) }
      throw error
    }
    try Self.storage(url) {
      if !database.configuration.readonly {
        try database.writeWithoutTransaction { db in
          if pending.withLock({ $0 > 0 }) { try db.execute(sql: "COMMIT") }
          try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
          do {
            try db.execute(sql: "PRAGMA journal_mode = DELETE")
          } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Somebody reads it. All is written, only in two files.
          }
        }
      }
      try database.close()
    }
    lock?.release()
  }

  // MARK: Writing

  /// Commits the intent to perform program `n`, to survive a power cut.
  func begin(_ n: Int, program: [UInt8]) throws(SessionError) {
    let notes = goOn()
    try write(lasting: true) { db in
      try Self.replace(notes, in: db)
      try db.cachedStatement(sql: "INSERT INTO step (n, program) VALUES (?, ?)")
        .execute(arguments: [n, Data(program)])
    }
  }

  /// Commits what program `n`, begun before, observed.
  func complete(_ n: Int, observations: [UInt8]) throws(SessionError) {
    let notes = goOn()
    try write { db in
      try Self.replace(notes, in: db)
      try db.cachedStatement(sql: "UPDATE step SET observations = ? WHERE n = ?")
        .execute(arguments: [Data(observations), n])
    }
  }

  /// Commits a program together with its observations.
  func append(_ n: Int, program: [UInt8], observations: [UInt8]) throws(SessionError) {
    let notes = goOn()
    try write { db in
      try Self.replace(notes, in: db)
      try db.cachedStatement(sql: "INSERT INTO step VALUES (?, ?, ?)")
        .execute(arguments: [n, Data(program), Data(observations)])
    }
  }

  /// Adds a note.
  public func add(_ note: Note) throws(SessionError) {
    let isRecalled = recalled.withLock { notes in
      notes?.append(note)
      return notes != nil
    }
    if !isRecalled { try write { try Self.add(note, to: $0) } }
  }

  private static func add(_ note: Note, to db: GRDB.Database) throws {
    let (kind, name, subject, body) = note.stored
    try db.cachedStatement(sql: "INSERT INTO note (kind, name, subject, body) VALUES (?, ?, ?, ?)")
      .execute(arguments: [kind, name, subject, body])
  }

  /// Begins to run its experiment again, which writes the same notes again from the
  /// same observations: they take the place of the recorded ones, and of how the run
  /// ended, when the record goes on. Where it does not, all stays as it is.
  package func recall() { recalled.withLock { $0 = [] } }

  /// Whether the experiment is run again and the record has not gone on.
  public var isRecalling: Bool { recalled.withLock { $0 != nil } }

  /// The notes that take the place of the recorded ones, once the record goes on.
  private func goOn() -> [Note]? {
    recalled.withLock { notes in
      defer { notes = nil }
      return notes
    }
  }

  /// What waits for the disk did to the run is no note of its experiment, which
  /// would not write it again.
  private static func replace(_ notes: [Note]?, in db: GRDB.Database) throws {
    guard let notes else { return }
    try db.execute(
      sql: "DELETE FROM note WHERE name != ?; DELETE FROM outcome",
      arguments: [DiskWaitTable.name])
    for note in notes { try Self.add(note, to: db) }
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
    let notes = goOn()
    do throws(SessionError) {
      try write { db in
        try Self.replace(notes, in: db)
        try db.execute(sql: "DELETE FROM outcome")
        try db.execute(sql: "INSERT INTO outcome VALUES (?)", arguments: [json])
      }
      try settle()
    } catch {
      throw cause(of: error)
    }
  }

  /// Writes, behind all that was given before; a session of devices that outlive
  /// the process has it written while its run goes on: ``isSettled(within:)``.
  func write(
    lasting: Bool = false, _ body: @escaping @Sendable (GRDB.Database) throws -> Void
  ) throws(SessionError) {
    try expectWritable()
    guard let writer else {
      return try durability == .batched ? writeInBatch(body) : commit(lasting: lasting, body)
    }
    try writer.add { [self] () throws(SessionError) in try commit(lasting: lasting, body) }
  }

  private func commit(
    lasting: Bool, _ body: (GRDB.Database) throws -> Void
  ) throws(SessionError) {
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
      throw .storage(path: url.path, reason: DatabaseFile.reason(error))
    }
  }
}
