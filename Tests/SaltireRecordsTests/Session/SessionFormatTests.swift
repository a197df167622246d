import Foundation
import GRDB
import SaltireAnalysis
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireRecords

/// What earlier formats wrote otherwise. Whole sessions of each are in `EarlierSessionTests`.
@Suite struct SessionFormatTests {
  private let folder: TemporaryFolder
  private let url: URL
  init() throws {
    folder = try TemporaryFolder()
    url = folder["run.saltire"]
  }

  private static let swords = """
    {"cycle_to_cycle":0,"down":[],"fluctuation":0,"fluctuation_kept":0,"gamma_down":0,\
    "gamma_up":0,"kappa":0,"phi":0,"pulses":1,"read_noise":0,"states":1,"step":1,"up":[],\
    "weight_scale":1,"window":{"max":1,"min":0}
    """

  /// Makes a session of format 3 with an outcome and notes.
  private func write(
    outcome: String, notes: [(kind: Int, name: String, body: String)]
  ) async throws {
    try Session.create(at: url, manifest: .empty, durability: .batched).close()
    let manifest = """
      {"attachments":[],"bench":{"name":"","sha256":"","text":""},"conditions":{"my key":"x"},\
      "created":"2026-11-20T10:00:00Z","experiment":"shd","limits":{},"program":"0.1.0",\
      "protocol":{"name":"","sha256":"","text":""},"seed":1,\
      "settings":{"transfer.all_columns":"on"}}
      """
    try await DatabaseQueue(path: url.path).write { db in
      try db.execute(
        sql: """
          PRAGMA user_version = 3; ALTER TABLE note DROP COLUMN subject; DELETE FROM manifest;
          """)
      try db.execute(sql: "INSERT INTO manifest VALUES (?)", arguments: [manifest])
      let ending: JSONValue = .object([
        "exit_code": .integer(11), "outcome": .string(outcome), "duration": .number(1.5),
        "wall": .number(1), "pulses": .integer(2), "safe": .bool(true),
      ])
      try db.execute(
        sql: "INSERT INTO outcome VALUES (?)", arguments: [ending.text(indented: false)])
      for note in notes {
        try db.execute(
          sql: "INSERT INTO note (kind, name, body) VALUES (?, ?, ?)",
          arguments: [note.kind, note.name, Data(note.body.utf8)])
      }
    }
  }

  private static let reasons: [(words: String, reason: NoSymmetryPoint)] = [
    (
      "no symmetry point: up and down steps stay in the same proportion over the whole window",
      .parallel
    ),
    (
      "no symmetry point: up and down steps stay in the same proportion over the range covered",
      .parallel
    ),
    ("no symmetry point: the swords do not cross inside the window", .outside),
    ("no symmetry point: the swords do not cross in the range covered", .outside),
    (
      "no symmetry point: the swords cross the wrong way, alternating pulses drive away from it",
      .unstable
    ),
    (
      "no symmetry point can be told: the noise hides how the steps depend on the conductance",
      .hidden
    ),
    (
      "no symmetry point can be told: over the range covered the steps change too little, for their"
        + " noise, to tell where the swords cross", .imprecise
    ),
    ("no symmetry point: too few pulses away from the bounds to fit the swords", .undetermined),
  ]

  /// Every sentence that was ever recorded is its code, read and after an upgrade.
  @Test(arguments: reasons.indices)
  func sentencesBecomeCodes(index: Int) async throws {
    let (words, reason) = Self.reasons[index]
    try await write(
      outcome: "{\"devices\":{\"verdict\":{\"verdict\":\"\(words)\"}},\"x\":0.1}",
      notes: [(3, "swords A1", Self.swords + ",\"verdict\":\"\(words)\"}")])
    let expected =
      "{\"devices\":{\"verdict\":{\"verdict\":{\"no_symmetry_point\":{\"reason\":\"\(reason)\"}}}}"
      + ",\"x\":0.1}"
    for isUpgraded in [false, true] {
      if isUpgraded { try Session.reopen(url, durability: .batched).close() }
      let session = try Session.open(url)
      #expect(try session.ending()?.outcome == expected)
      #expect(try session.notebook().finding(.swords, of: "A1")?.verdict == reason)
      try session.close()
    }
  }

  /// Names of notes held their subject; the crossing was the symmetry point; a manifest's
  /// own keys were those of its properties, while keys of users stay as they are.
  @Test func namesAreTakenApart() async throws {
    let point = "{\"standard_error\":0.1,\"unit\":\"S\",\"value\":0.5}"
    let watch = "{\"verdict\":\"A1: moved\",\"watch\":{\"stopped\":\"A1: moved\",\"pulses\":3}}"
    try await write(
      outcome: watch,
      notes: [
        (1, "crossed swords A1", ""),
        (3, "swords A 1", Self.swords + ",\"symmetry_point\":\(point)}"),
        (3, "odd", "no JSON"),
      ])
    for isUpgraded in [false, true] {
      if isUpgraded { try Session.reopen(url, durability: .batched).close() }
      let session = try Session.open(url)
      #expect(session.manifest.settings == ["transfer.all_columns": "on"])
      #expect(session.manifest.conditions == ["my key": "x"])
      #expect(session.manifest.created == Date(timeIntervalSince1970: 1_795_168_800))
      let notebook = try session.notebook()
      #expect(notebook.phases == ["crossed swords A1"])
      #expect(notebook.finding(.swords, of: "A 1")?.crossing?.value == 0.5)
      #expect(notebook.subjects(of: Finding<String>("odd")) == [""])
      #expect(
        try session.ending()?.outcome
          == "{\"verdict\":{\"in_words\":{\"text\":\"A1: moved\"}},\"watch\":{\"pulses\":3}}")
      try session.close()
    }
    let format = try await DatabaseQueue(path: url.path).read {
      try Int.fetchOne($0, sql: "PRAGMA user_version")
    }
    #expect(format == SessionFormat.current)
  }

  /// Reading an earlier session changes no byte of it.
  @Test func readingLeavesItAsItIs() async throws {
    try await write(outcome: "{}", notes: [(1, "training", "")])
    let before = try Data(contentsOf: url)
    let session = try Session.open(url)
    _ = try session.notebook()
    try session.close()
    #expect(try Data(contentsOf: url) == before)
    #expect(folder.content() == ["run.saltire"])
  }
}
