import SaltireCore
import SaltireFigures
import SaltireRecords

/// The drift of the symmetry points of A during training, with one panel for each device.
enum WatchFigure {
  /// The figure, if there was a watch.
  static func all(of notebook: Notebook) -> [NamedFigure] {
    let panels = notebook.tables(WatchTable.self).enumerated().map {
      panel($0.element, tag($0.offset, $0.element.subject))
    }
    if panels.isEmpty { return [] }
    return [
      NamedFigure(
        "symmetry-watch", Figure(devices: panels),
        caption: "Difference between the symmetry points of array A and their references at every"
          + " check, with 95 % confidence intervals. An interval entirely beyond the tolerance"
          + " (dashed) means that the symmetry point has drifted; one that includes the"
          + " tolerance means that there were too few pairs to decide.")
    ]
  }

  private static let looks: [(finding: WatchOutcome.Check.Finding, style: Figure.Style)] = [
    (.within, .init(colour: .blue, shape: .circle)),
    (.unknown, .init(colour: .grey, shape: .openCircle)),
    (.beyond, .init(colour: .vermilion, shape: .diamond)),
  ]

  private static func panel(_ table: Recorded<WatchTable>, _ tag: String) -> Figure.Panel {
    let (samples, drifts, errors) = (table[.sample], table[.drift], table[.error])
    let tolerances = table[.tolerance]
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
  /// A table with the numbers of checks of every device.
  var table: HTMLReport.Block {
    let limit = Quantity(tolerance, .one).formatted(digits: 3)
    func drift(_ check: Check?) -> String {
      check.map { uncertain($0.drift, standardError: $0.standardError) } ?? "–"
    }
    return .table(
      HTMLTable(
        caption: "Difference between the symmetry points of array A and their references during"
          + " training, in weight units, with standard errors. A check is within or beyond the"
          + " tolerance of \(limit) when its whole 95 % confidence interval is; otherwise there"
          + " were too few pairs to decide. The checks took \(pulses) pulses and"
          + " \(labTime(duration)).",
        columns: [
          .init("device", alignment: .left), .init("checks"), .init("within"), .init("beyond"),
          .init("not known"), .init("at the last check"), .init("farthest"),
        ],
        rows: checks.sorted { $0.key < $1.key }.map { name, checks in
          [name, "\(checks.count)"]
            + [Check.Finding.within, .beyond, .unknown].map { finding in
              "\(checks.count { $0.finding == finding })"
            } + [drift(checks.last), drift(checks.max { abs($0.drift) < abs($1.drift) })]
        }, hasRowHeaders: true))
  }

  /// The results and the cost of the watch, in one sentence.
  var summary: String {
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
    return "drift of the symmetry points: \(parts.joined(separator: "; ")) (tolerance \(limit));"
      + " the checks took \(pulses) pulses and \(labTime(duration))"
  }
}
