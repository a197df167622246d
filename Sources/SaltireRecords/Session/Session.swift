public import Foundation
package import GRDB
import Synchronization

/// One run on disk: manifest, journal of programs and observations, notes and outcome, in one
/// SQLite file.
///
/// A program that can move a device that outlives the process is committed before it is performed,
/// and its observations afterwards. Any other program is committed once, together with its
/// observations. ``Durability`` selects between the two. After ``close()`` the session is one file.
public final class Session: Sendable {
  /// What the records of programs that move devices must survive. All other data survives a crash
  /// of the process.
  public enum Durability: Sendable {
    /// The devices are models that end with the process: programs are recorded after they are
    /// performed and committed in batches of some hundred.
    case batched
    /// As `batched`, but every program survives a crash of the process as soon as it was performed.
    case processCrash
    /// The devices outlive a power cut: the intent to move them is on the disk before they move,
    /// and the observations follow.
    case powerLoss
  }

  /// "SALT": SQLite's application id of a session.
  static let applicationID = 0x5341_4C54

  public let url: URL
  public let manifest: Manifest
  package let database: DatabaseQueue
  let durability: Durability
  /// Number of writes in the open transaction of a batched session.
  private let pending = Mutex(0)

  /// The notes of a resumed run while it only repeats recorded programs; nil before and after.
  private let recalled = Mutex<[Note]?>(nil)

  /// Held while the session is written; nil if it is only read.
  let lock: SessionLock?
  /// Writes in the background, so that a run does not depend on the disk; nil if that is not
  /// needed.
  let writer: SessionWriter?
  /// Monitors the files after ``beginWatch(onLoss:)``.
  let watch = Mutex<SessionWatch?>(nil)
  /// Why writing has ended.
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

  /// Closes the file. A written session is then one file, unless another process is reading it.
  ///
  /// - Throws: ``SessionError``, also if it was lost or writing has ended.
  public func close() throws(SessionError) {
    let watch = watch.withLock { $0 }
    _ = watch?.look()
    watch?.end()
    do throws(SessionError) {
      try expectWritable()
      try settle()
    } catch {
      // SQLite would wait for the disk, and would delete auxiliary files by name although they may
      // belong to another session now.
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
            // Another process is reading it; everything is written, but in two files.
          }
        }
      }
      try database.close()
    }
    lock?.release()
  }

  // MARK: Writing

  /// Records the intent to perform program `n`, to survive a power cut.
  func begin(_ n: Int, program: [UInt8]) throws(SessionError) {
    let notes = goOn()
    try write(lasting: true) { db in
      try Self.replace(notes, in: db)
      try db.cachedStatement(sql: "INSERT INTO step (n, program) VALUES (?, ?)")
        .execute(arguments: [n, Data(program)])
    }
  }

  /// Records the observations of program `n`, whose intent was recorded.
  func complete(_ n: Int, observations: [UInt8]) throws(SessionError) {
    let notes = goOn()
    try write { db in
      try Self.replace(notes, in: db)
      try db.cachedStatement(sql: "UPDATE step SET observations = ? WHERE n = ?")
        .execute(arguments: [Data(observations), n])
    }
  }

  /// Records a program together with its observations.
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

  /// Starts to run the experiment again. It produces the same notes from the same observations;
  /// they replace the recorded notes and the recorded ending as soon as the run goes beyond the
  /// record. Otherwise everything stays as it is.
  package func recall() { recalled.withLock { $0 = [] } }

  /// Whether the experiment is run again and is still within the record.
  public var isRecalling: Bool { recalled.withLock { $0 != nil } }

  /// The notes that replace the recorded ones when the run goes beyond the record.
  private func goOn() -> [Note]? {
    recalled.withLock { notes in
      defer { notes = nil }
      return notes
    }
  }

  /// Disk waits are not notes of the experiment, which would not produce them again.
  private static func replace(_ notes: [Note]?, in db: GRDB.Database) throws {
    guard let notes else { return }
    try db.execute(
      sql: "DELETE FROM note WHERE name != ?; DELETE FROM outcome",
      arguments: [DiskWaitTable.name])
    for note in notes { try Self.add(note, to: db) }
  }

  /// Adds a chunk of the wire transcript.
  func addTranscript(_ piece: [UInt8]) throws(SessionError) {
    try write { db in
      try db.cachedStatement(sql: "INSERT INTO wire (body) VALUES (?)")
        .execute(arguments: [Data(piece)])
    }
  }

  /// Records how the run ended.
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

  /// Writes after all earlier writes. If the devices outlive the process, the write happens in the
  /// background: ``isSettled(within:)``.
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
        // The synchronous level cannot change inside a transaction. A FULL commit also makes the
        // earlier NORMAL commits durable.
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
            // The batch is rolled back; SQLite may already have done so.
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
