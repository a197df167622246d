import Foundation
import GRDB

/// The formats of session files. The rest of the program knows only the latest: an earlier session
/// is converted while it is read, and upgraded when its run is resumed.
enum SessionFormat {
  /// The format that this version writes.
  static let current = 4

  /// The tables of a new session.
  static let tables = """
    CREATE TABLE manifest (json TEXT NOT NULL);
    CREATE TABLE step (n INTEGER PRIMARY KEY, program BLOB NOT NULL, observations BLOB);
    CREATE TABLE note (
      id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL,
      body BLOB NOT NULL, subject TEXT NOT NULL DEFAULT '');
    CREATE TABLE outcome (json TEXT NOT NULL);
    \(added)
    """

  /// Format 2 added `wire`, format 3 `resumption` and later `entry`.
  private static let added = """
    CREATE TABLE IF NOT EXISTS wire (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS resumption (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
    """

  /// Presents an earlier session in the current format; the file does not change.
  static func show(_ db: Database) throws {
    guard try isEarlier(db) else { return }
    // Unqualified names refer to these views rather than to the file's own tables.
    try db.execute(
      sql: """
        CREATE TEMP VIEW note AS
        SELECT id, kind, \(columns) FROM main.note;
        CREATE TEMP VIEW outcome AS SELECT upgraded_outcome(json) AS json FROM main.outcome;
        CREATE TEMP VIEW manifest AS SELECT upgraded_manifest(json) AS json FROM main.manifest;
        """)
  }

  /// Upgrades an earlier session to the current format.
  static func upgrade(_ db: Database) throws {
    try db.execute(sql: added)
    guard try isEarlier(db) else { return }
    try db.execute(
      sql: """
        ALTER TABLE note ADD COLUMN subject TEXT NOT NULL DEFAULT '';
        UPDATE note SET (name, subject, body) =
          (SELECT name, subject, body FROM
            (SELECT \(columns) FROM (SELECT note.kind, note.name, note.body)));
        UPDATE outcome SET json = upgraded_outcome(json);
        UPDATE manifest SET json = upgraded_manifest(json);
        PRAGMA user_version = \(current);
        """)
  }

  private static func isEarlier(_ db: Database) throws -> Bool {
    guard try Int.fetchOne(db, sql: "PRAGMA user_version") ?? current < current else {
      return false
    }
    for function in [
      function("upgraded_outcome", Earlier.outcome), function("upgraded_finding", Earlier.finding),
      function("upgraded_manifest", Earlier.manifest),
    ] { db.add(function: function) }
    return true
  }

  private static func function(
    _ name: String, _ upgrade: @escaping @Sendable (String) -> String
  ) -> DatabaseFunction {
    DatabaseFunction(name, argumentCount: 1, pure: true) { values in
      String.fromDatabaseValue(values[0]).map(upgrade)
    }
  }

  /// Up to format 3 a note's name ended with its subject ("swords A1"), except in one table.
  private static let columns = """
    CASE WHEN kind = 1 THEN name WHEN name = 'waits for the disk' THEN 'disk-waits'
      WHEN instr(name, ' ') THEN substr(name, 1, instr(name, ' ') - 1) ELSE name END AS name,
    CASE WHEN kind = 1 OR name = 'waits for the disk' OR NOT instr(name, ' ') THEN ''
      ELSE substr(name, instr(name, ' ') + 1) END AS subject,
    CASE WHEN kind = 3 THEN CAST(upgraded_finding(CAST(body AS TEXT)) AS BLOB)
      ELSE body END AS body
    """

  /// JSON of formats 1 to 3.
  private enum Earlier {
    /// Manifests used the property names as keys.
    static func manifest(_ text: String) -> String {
      // Too long for a manifest; reported where it is read.
      if text.utf8.count > Manifest.longest { return text }
      let decoder = JSONDecoder()
      decoder.dateDecodingStrategy = .iso8601
      let manifest = try? decoder.decode(Manifest.self, from: Data(text.utf8))
      return manifest.map(JSONText.encode) ?? text
    }

    /// Verdicts were sentences, and the document of the outcome was text inside another document.
    static func outcome(_ text: String) -> String {
      guard var ending = JSONValue(text: text) else { return text }
      guard case .string(let document)? = ending["outcome"], let outcome = JSONValue(text: document)
      else { return text }
      ending["outcome"] = .string(verdicts(in: outcome).text(indented: false))
      return ending.text(indented: false)
    }

    /// The analysis of swords contained a sentence too, and at first no crossing.
    static func finding(_ text: String) -> String {
      guard var finding = JSONValue(text: text), finding["window"] != nil else { return text }
      if case .string(let words)? = finding["verdict"], let reason = reason(words) {
        finding["verdict"] = .string(reason)
      }
      if finding["crossing"] == nil { finding["crossing"] = finding["symmetry_point"] }
      return finding.text(indented: false)
    }

    private static func verdicts(in value: JSONValue) -> JSONValue {
      switch value {
      case .array(let items): return .array(items.map(verdicts))
      case .object(let members):
        return .object(
          Dictionary(
            uniqueKeysWithValues: members.compactMap { key, value in
              // A watch that ended the training: the verdict tells it.
              if key == "stopped" { return nil }
              guard key == "verdict", case .string(let words) = value else {
                return (key, verdicts(in: value))
              }
              return (key, verdict(words))
            }))
      case .null, .bool, .integer, .number, .string: return value
      }
    }

    private static func verdict(_ words: String) -> JSONValue {
      if let reason = reason(words) {
        return .object(["no_symmetry_point": .object(["reason": .string(reason)])])
      }
      return .object(["in_words": .object(["text": .string(words)])])
    }

    /// The code for the sentence why a device has no symmetry point.
    private static func reason(_ words: String) -> String? {
      reasons[
        words.replacing("over the whole window", with: "over the range covered")
          .replacing("inside the window", with: "in the range covered")]
    }

    private static let reasons = [
      "no symmetry point: up and down steps stay in the same proportion over the range covered":
        "parallel",
      "no symmetry point: the swords do not cross in the range covered": "outside",
      "no symmetry point: the swords cross the wrong way, alternating pulses drive away from it":
        "unstable",
      "no symmetry point can be told: the noise hides how the steps depend on the conductance":
        "hidden",
      "no symmetry point can be told: over the range covered the steps change too little, for"
        + " their noise, to tell where the swords cross": "imprecise",
      "no symmetry point: too few pulses away from the bounds to fit the swords": "undetermined",
    ]
  }
}
