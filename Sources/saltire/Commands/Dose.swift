import ArgumentParser
import Foundation
import SaltireCore
import SaltirePrograms
import SaltireRecords
import SaltireFigures

struct DoseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dose",
    abstract: "Show the accumulated dose of devices over all their sessions.",
    discussion: """
      The dose counts the pulses of all runs whose devices were confirmed (saltire run --device). \
      It is kept in the ledger at $SALTIRE_LEDGER, or ~/.local/share/saltire/doses.sqlite if that \
      is not set. The dose of an interrupted session is taken from its record. If the record \
      cannot be read, the session counts with the maximum that its limits allowed, and is marked. \
      Lifetime limits are in bench files and are not shown.
      """)

  @Argument(help: "Show the sessions of one device, DIE/POSITION, by date.")
  var device: String?

  @Option(
    help: "The new place of a session that was moved, to read its dose from. Repeatable.",
    completion: .file(extensions: ["saltire"]))
  var session: [String] = []

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() async throws {
    try await reporting(json: json) {
      let wanted = try device.map { text in
        guard let identity = DeviceIdentity(rawValue: text) else {
          throw Failure(
            .usage, "'\(text)' is not a device identity", hints: ["expected \(DeviceIdentity.form)"]
          )
        }
        return identity
      }
      let places = try moved()
      let url = LedgerPlace.url
      var entries: [LedgerEntry] = []
      var open: [OpenEntry] = []
      // Showing doses must not create the ledger.
      if FileManager.default.fileExists(atPath: url.path) {
        let ledger = try Ledger(url)
        let before = Set(try ledger.entries().filter(\.isOpen).map(\.path))
        open = try ledger.settle(moved: places)
        for path in before.union(places.values.map(\.path)).sorted() {
          guard let session = try? Session.open(URL(fileURLWithPath: path)) else { continue }
          try Unconfirmed.tell(of: session)
          try session.close()
        }
        entries = try ledger.entries()
      }
      if let wanted {
        let known = Set(entries.map(\.identity))
        guard known.contains(wanted) else {
          let near = suggestion(for: wanted.rawValue, among: known.map(\.rawValue).sorted())
          throw Failure(
            .badInput, "\(url.path) has no entry for \(wanted.text)",
            hints: near.map { ["did you mean '\($0)'?"] } ?? [])
        }
        entries = entries.filter { $0.identity == wanted }
        open = open.filter { $0.entry.identity == wanted }
      }
      let table = DoseTable(ledger: url.path, entries: entries, open: open)
      if json {
        Console.print(table.document(isDetailed: wanted != nil).text(indented: true))
      } else {
        Console.print(wanted == nil ? table.devices : table.sessions)
      }
    }
  }
}

extension DoseCommand {
  /// The present paths of moved sessions, by session id.
  private func moved() throws -> [String: URL] {
    var places: [String: URL] = [:]
    for path in session {
      let url = URL(fileURLWithPath: path)
      let record = try Session.open(url)
      for key in try record.ledgerKeys() { places[key] = url }
      try record.close()
    }
    return places
  }
}

/// Doses as text and as the `--json` document.
struct DoseTable {
  let ledger: String
  /// Sorted by device, then by date.
  let entries: [LedgerEntry]
  let open: [OpenEntry]

  private var byDevice: [(identity: DeviceIdentity, entries: [LedgerEntry])] {
    Dictionary(grouping: entries, by: \.identity).sorted { $0.key < $1.key }.map { ($0, $1) }
  }

  /// One text line for each device.
  var devices: String {
    guard !entries.isEmpty else { return "\(ledger) has no entries" }
    let rows = byDevice.map { identity, entries in
      [identity.rawValue.shownOnOneLine, "\(entries.count)"]
        + Self.figures(
          entries.dose, charge: entries.charge, isBound: entries.contains(where: \.isOpen))
    }
    return Self.text([["device", "sessions"] + Self.heads] + rows) + notes
  }

  /// One text line for each session.
  var sessions: String {
    let rows = entries.map { entry in
      [entry.begun.formatted(.iso8601), entry.device.shownOnOneLine]
        + Self.figures(entry.dose, charge: entry.charge, isBound: entry.isOpen) + [
          entry.path.shownOnOneLine
        ]
    }
    return Self.text([["begun", "as"] + Self.heads + ["session"]] + rows) + notes
  }

  private static let heads = [
    "pulses", "half-selected", "above 0 V", "voltage x time", "peak", "charge",
  ]

  private static func figures(_ dose: Dose, charge: Double?, isBound: Bool) -> [String] {
    // Marks an upper bound, which is not a measurement.
    let sign = isBound ? "<= " : ""
    return [
      "\(sign)\(dose.pulses)", "\(sign)\(dose.halfSelected)",
      sign + Quantity(dose.seconds, .second).formatted(digits: 4),
      sign + Quantity(dose.voltSeconds, .voltSecond).formatted(digits: 4),
      sign + Quantity(dose.peak, .volt).formatted(digits: 4),
      charge.map { "<= " + Quantity($0, .coulomb).formatted(digits: 3) } ?? "-",
    ]
  }

  private var notes: String { open.map { "\n\($0.text)" }.joined() }

  /// Aligned columns: names to the left, numbers to the right.
  private static func text(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        // The path comes last and needs no padding.
        if rows[0][column] == "session" { return row[column] }
        return column == 0 || rows[0][column] == "as"
          ? row[column] + padding : padding + row[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  func document(isDetailed: Bool) -> JSONValue {
    .object([
      "ledger": .string(ledger),
      "devices": .array(
        byDevice.map { identity, entries in
          var device = Self.value(entries.dose, charge: entries.charge)
          device["die"] = .string(identity.die)
          device["position"] = .string(identity.position)
          device["open"] = .integer(entries.count(where: \.isOpen))
          device["sessions"] =
            isDetailed ? .array(entries.map(Self.value)) : .integer(entries.count)
          return device
        }),
      "unsettled": .array(open.map { .string($0.text) }),
    ])
  }

  private static func value(_ entry: LedgerEntry) -> JSONValue {
    var session = value(entry.dose, charge: entry.charge)
    session["id"] = .string(entry.session)
    session["path"] = .string(entry.path)
    session["begun"] = .string(entry.begun.formatted(.iso8601))
    session["device"] = .string(entry.device)
    session["open"] = .bool(entry.isOpen)
    return session
  }

  private static func value(_ dose: Dose, charge: Double?) -> JSONValue {
    .object([
      "pulses": .integer(dose.pulses), "half_selected": .integer(dose.halfSelected),
      "time_s": .number(dose.seconds), "volt_seconds": .number(dose.voltSeconds),
      "peak_v": .number(dose.peak), "charge_c": charge.map { .number($0) } ?? .null,
    ])
  }
}

extension OpenEntry {
  /// The entry as one sentence.
  var text: String {
    let what = "\(entry.identity.text), in \(entry.path)".shownOnOneLine
    return switch reason {
    case .goesOn:
      "\(what): the run is in progress and counts with the maximum that its limits allow"
    case .unknown(let why):
      "\(what): counts with the maximum that its limits allowed, because \(why); if it was"
        + " moved, run 'saltire dose --session FILE'"
    }
  }
}
