import SaltireCore
public import SaltireExperiments
import SaltireFigures
import SaltireRecords

/// How far the symmetry points were from their references while A learnt, a
/// panel a device.
enum WatchFigure {
  /// - Parameter devices: tables of checks, by device.
  static func make(_ devices: [(name: String, table: Notebook.Filled)]) -> NamedFigure? {
    guard !devices.isEmpty else { return nil }
    let columns = devices.count == 1 ? 1 : 2
    let rows = (devices.count + columns - 1) / columns
    return NamedFigure(
      "symmetry-watch",
      Figure(
        panels: devices.enumerated().map {
          panel($0.element.table, tag($0.offset, $0.element.name))
        },
        columns: columns, width: columns == 1 ? 640 : 900, height: columns == 1 ? 400 : 340 * rows),
      caption: "The symmetry points of array A from their references at every check, with"
        + " intervals of 95 %. All of it beyond the tolerance (dashed): the symmetry point has"
        + " drifted. Across it: the pairs were too few to tell.")
  }

  private static let looks: [(finding: WatchOutcome.Check.Finding, style: Figure.Style)] = [
    (.within, .init(colour: .blue, shape: .circle)),
    (.unknown, .init(colour: .grey, shape: .openCircle)),
    (.beyond, .init(colour: .vermilion, shape: .diamond)),
  ]

  private static func panel(_ table: Notebook.Filled, _ tag: String) -> Figure.Panel {
    let (samples, drifts, errors) = (table["sample"], table["drift"], table["error"])
    let tolerances = table["tolerance"]
    let bound = Figure.Style(colour: .black, dash: .dashed)
    let checks = looks.compactMap { look -> Figure.Layer? in
      let shown = samples.indices.filter {
        look.finding
          == .init(drift: drifts[$0], standardError: errors[$0], tolerance: tolerances[$0])
      }
      guard !shown.isEmpty else { return nil }
      return .errorBars(
        shown.map { samples[$0] }, shown.map { drifts[$0] },
        yError: shown.map { WatchOutcome.Check.reach(errors[$0]) }, label: look.finding.rawValue,
        style: look.style)
    }
    return .init(
      x: .init("Sample"), y: .init("Symmetry point − reference (weight units)"),
      layers: (tolerances.first.map { [$0, -$0] } ?? []).map { .horizontal($0, style: bound) }
        + [.horizontal(0, style: .init(colour: .grey, dash: .dotted))] + checks,
      legend: .above, tag: tag)
  }
}

extension WatchOutcome {
  /// Every device's checks, counted.
  var table: HTMLReport.Block {
    let limit = Quantity(tolerance, .one).formatted(digits: 3)
    func drift(_ check: Check?) -> String {
      check.map { uncertain($0.drift, standardError: $0.standardError) } ?? "–"
    }
    return .table(
      HTMLTable(
        caption: "The symmetry points of array A from their references while it learnt, in weight"
          + " units, with standard errors. A check is within or beyond the tolerance of \(limit)"
          + " when its interval of 95 % is; otherwise its pairs were too few to tell. The checks"
          + " took \(pulses) pulses and \(labTime(duration)).",
        columns: [
          .init("device", alignment: .left), .init("checks"), .init("within"), .init("beyond"),
          .init("not known"), .init("at the last"), .init("farthest"),
        ],
        rows: checks.sorted { $0.key < $1.key }.map { name, checks in
          [name, "\(checks.count)"]
            + [Check.Finding.within, .beyond, .unknown].map { finding in
              "\(checks.count { $0.finding == finding })"
            } + [drift(checks.last), drift(checks.max { abs($0.drift) < abs($1.drift) })]
        }, hasRowHeaders: true))
  }

  /// What it saw and what it cost, in one sentence.
  public var summary: String {
    let devices = checks.sorted { $0.key < $1.key }
    let parts = devices.compactMap { name, checks -> String? in
      guard let last = checks.last else { return nil }
      let beyond = checks.count { $0.finding == .beyond }
      let unknown = checks.count { $0.finding == .unknown }
      let counts =
        (beyond > 0 ? ", \(beyond) beyond" : "") + (unknown > 0 ? ", \(unknown) not known" : "")
      return "\(name) \(uncertain(last.drift, standardError: last.standardError))"
        + " at the last of \(checks.count)\(counts)"
    }
    let limit = Quantity(tolerance, .one).formatted(digits: 3)
    return "symmetry points from their references: \(parts.joined(separator: "; "))"
      + " (tolerance \(limit)); the checks took \(pulses) pulses and \(labTime(duration))"
  }
}
