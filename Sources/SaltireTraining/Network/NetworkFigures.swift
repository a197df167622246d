package import SaltireFigures
package import SaltireRecords

/// The learning curves of the networks of a session, and the traced weight of each.
package struct NetworkFigures {
  private typealias Curve = (label: String, table: Recorded<CurveTable>)

  /// By label, in the order of training.
  private let curves: [Curve]
  private let traces: [Recorded<TracedWeightTable>]
  private let unigram: Double?

  /// - Parameters:
  ///   - session: name and notes of the session.
  ///   - companions: sessions whose learning curves are drawn in the same figure.
  ///   - unigram: cross-entropy of predicting every byte from the byte frequencies.
  package init(
    _ session: (name: String, notes: Notebook), with companions: [(name: String, notes: Notebook)],
    unigram: Double?
  ) {
    var curves = session.notes.tables(CurveTable.self).map { (label: $0.subject, table: $0) }
    for companion in companions {
      for table in companion.notes.tables(CurveTable.self) {
        let label = table.subject
        let isTaken = curves.contains { $0.label == label }
        curves.append((isTaken ? "\(label), \(companion.name)" : label, table))
      }
    }
    self.curves = curves
    traces = session.notes.tables(TracedWeightTable.self)
    self.unigram = unigram
  }

  package var all: [NamedFigure] {
    (curves.isEmpty ? [] : [learning]) + traces.map(Self.trace)
  }

  private static let colours: [Figure.Colour] = [
    .black, .blue, .vermilion, .green, .purple, .sky,
  ]

  /// One panel for each learning rule that labels start with ("SGD 0.2"). A curve that is the only
  /// one of its kind is drawn into all panels, for comparison.
  private var learning: NamedFigure {
    var groups: [(name: String, curves: [Curve])] = []
    for curve in curves {
      let name = String(curve.label.prefix { $0 != " " })
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].curves.append(curve)
      } else {
        groups.append((name, [curve]))
      }
    }
    let single = groups.filter { $0.curves.count == 1 }.flatMap(\.curves)
    groups.removeAll { $0.curves.count == 1 }
    if groups.isEmpty { groups = [("", [])] }
    let values = curves.flatMap { $0.table[.test] }.filter(\.isFinite)
    let range = Figure.Axis.Range.fixed(
      (values.min() ?? 0) - 0.05...max((values.max() ?? 1), (values.min() ?? 0) + 0.1) + 0.05)
    let panels = groups.enumerated().map { index, group in
      Figure.Panel(
        x: .init("Epoch"), y: .init("Cross-entropy of the test (nat)", range: range),
        layers: (single + group.curves).enumerated().map { place, curve in
          .line(
            curve.table[.epoch], curve.table[.test], label: curve.label,
            style: .init(colour: Self.colours[place % Self.colours.count]))
        }
          + (unigram.map {
            [
              .horizontal(
                $0, label: "byte frequencies", style: .init(colour: .black, dash: .dotted))
            ]
          } ?? []),
        legend: .above, tag: groups.count > 1 ? tag(index, group.name) : nil)
    }
    return NamedFigure(
      "learning",
      Figure(
        panels: panels, columns: min(panels.count, 2), width: panels.count == 1 ? 620 : 900,
        height: 400 * ((panels.count + 1) / 2)),
      caption: "Cross-entropy per character on the test text, which is not used for training,"
        + " against the number of passes over the training text."
        + (unigram == nil
          ? "" : " Dotted: prediction of every byte from the byte frequencies."))
  }

  /// Maximum number of points of a legible orbit.
  private static let orbitPoints = 300

  private static func means(_ values: [Double], of size: Int) -> [Double] {
    stride(from: 0, to: values.count, by: size).map { first in
      let block = values[first..<min(first + size, values.count)]
      return block.reduce(0, +) / Double(block.count)
    }
  }

  private static func trace(_ table: Recorded<TracedWeightTable>) -> NamedFigure {
    let label = table.subject
    let looks = table[.characters]
    let size = max((looks.count + orbitPoints - 1) / orbitPoints, 1)
    let orbit = (c: means(table[.core], of: size), a: means(table[.fast], of: size))
    let shown = thinned(table[.characters].indices, to: 4000)
    let time = shown.map { table[.characters][$0] }
    let a = shown.map { table[.fast][$0] }
    let c = shown.map { table[.core][$0] }
    let style = Figure.Style(colour: .blue)
    return NamedFigure(
      "weight-\(label.map { $0 == " " ? "-" : String($0) }.joined())",
      Figure(
        panels: [
          .init(
            x: .init("Characters"), y: .init("A − reference (weight units)"),
            layers: [.line(time, a, style: style), .horizontal(0)], legend: .none,
            tag: tag(0, label)),
          .init(
            x: .init("C − reference (weight units)"), y: .init("A − reference (weight units)"),
            layers: [.trajectory(orbit.c, orbit.a, style: style), .horizontal(0)], legend: .none,
            tag: tag(1, "")),
          .init(
            x: .init("Characters"), y: .init("C − reference (weight units)"),
            layers: [.line(time, c, style: style)], legend: .none, tag: tag(2, "")),
        ], columns: 2, width: 900, height: 700),
      caption: "One weight, chosen at random before training: values of arrays A and C relative to"
        + " their references."
        + (size == 1
          ? ""
          : " (b) shows means over \(Int((looks[size] - looks[0]).rounded())) characters."))
  }
}
