import Foundation
import GRDB
import SaltireCore
public import SaltirePrograms

extension Session {
  /// The number of programs in the journal.
  public func stepCount() throws(SessionError) -> Int {
    try read { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT COUNT(*), MIN(n), MAX(n) FROM step") else {
        return 0
      }
      let count = try row.decode(Int.self, atIndex: 0)
      let first = try row.decode(Int?.self, atIndex: 1) ?? 0
      let last = try row.decode(Int?.self, atIndex: 2) ?? -1
      guard first == 0, last == count - 1 else {
        throw SessionError.damaged(path: url.path, reason: "programs are missing from its journal")
      }
      return count
    }
  }

  /// Program `n` and its observations, which are nil if the run ended during the program.
  ///
  /// - Throws: ``SessionError/damaged(path:reason:)`` if a record is invalid.
  public func step(_ n: Int) throws(SessionError) -> (
    program: Program, observations: Observations?
  )? {
    guard let stored = try stored(n) else { return nil }
    do throws(SaltireCore.RecordError) {
      let program = try Program(record: stored.program)
      let observations = try stored.observations.map { (record) throws(SaltireCore.RecordError) in
        try Observations(record: record, of: program)
      }
      return (program, observations)
    } catch {
      throw .damaged(path: url.path, reason: "step \(n): expected \(error.expected)")
    }
  }

  /// The encoded records of step `n`.
  func stored(_ n: Int) throws(SessionError) -> (program: [UInt8], observations: [UInt8]?)? {
    try read { db in
      try Row.fetchOne(
        db.cachedStatement(sql: "SELECT program, observations FROM step WHERE n = ?"),
        arguments: [n]
      ).map { row in
        // A subscript would trap on a value of another type.
        let program = try row.decode(Data.self, atIndex: 0)
        let observations = try row.decode(Data?.self, atIndex: 1)
        return (Array(program), observations.map { Array($0) })
      }
    }
  }

  /// All notes, combined.
  public func notebook() throws(SessionError) -> Notebook {
    try read { db in
      var notebook = Notebook()
      let rows = try Row.fetchCursor(
        db, sql: "SELECT kind, name, subject, body FROM note ORDER BY id")
      var tables: [Note.Table: Note.Table] = [:]
      while let row = try rows.next() {
        let note = Note(
          kind: try row.decode(Int.self, atIndex: 0), name: try row.decode(String.self, atIndex: 1),
          subject: try row.decode(String.self, atIndex: 2),
          body: try row.decode(Data.self, atIndex: 3), tables: &tables)
        guard let note else {
          throw SessionError.damaged(path: url.path, reason: "a note cannot be read")
        }
        notebook.add(note)
      }
      return notebook
    }
  }

  /// The wire transcript; empty without instruments.
  public func transcript() throws(SessionError) -> Transcript {
    let pieces = try read { db -> [Data] in
      guard try db.tableExists("wire") else { return [] }
      return try Data.fetchAll(db, sql: "SELECT body FROM wire ORDER BY id")
    }
    var lines: [Transcript.Line] = []
    for piece in pieces {
      do throws(SaltireCore.RecordError) {
        lines += try Transcript(record: Array(piece)).lines
      } catch {
        throw .damaged(path: url.path, reason: "its transcript: expected \(error.expected)")
      }
    }
    return Transcript(lines: lines)
  }

  /// Whether another process is writing it.
  public var isInUse: Bool {
    do throws(SessionError) {
      try SessionLock(url).release()
    } catch .inUse {
      return true
    } catch {}
    return false
  }

  /// The end of the run; nil if it did not end regularly.
  public func ending() throws(SessionError) -> Ending? {
    let json = try read { try String.fetchOne($0, sql: "SELECT json FROM outcome") }
    guard let json else { return nil }
    guard let ending = Ending(json: json) else {
      throw .damaged(path: url.path, reason: "its outcome cannot be read")
    }
    return ending
  }

  func read<Value>(_ body: (GRDB.Database) throws -> Value) throws(SessionError) -> Value {
    try expectReadable()
    do {
      return try database.read(body)
    } catch let error as SessionError {
      throw error
    } catch {
      throw .damaged(path: url.path, reason: DatabaseFile.reason(error))
    }
  }
}
