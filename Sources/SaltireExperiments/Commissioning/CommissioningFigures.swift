import SaltireCore
public import SaltireFigures
import SaltireRecords

extension CommissioningExperiment {
  public static func figures(of run: RecordedRun<CommissioningOutcome>) -> [NamedFigure] {
    [matrix(run.notebook), settling(run.notebook)].compactMap(\.self)
  }

  /// The currents of all meters, with a panel for each driven terminal.
  private static func matrix(_ notebook: Notebook) -> NamedFigure? {
    let rows = notebook.tables(MatrixTable.self)
    guard let first = rows.first else { return nil }
    let meters = first.more.map(\.name)
    let label = meters.enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ")
    let places = meters.indices.map { Double($0 + 1) }
    func currents<Columns>(_ row: Recorded<Columns>) -> [Double] {
      row.more.map { $0.values.last ?? .nan }
    }
    let scale = EngineeringScale(rows.flatMap(currents), unit: "A")
    let panels = rows.enumerated().map { index, row in
      var layers: [Figure.Layer] = [
        .horizontal(0, style: .init(colour: .grey, dash: .solid, weight: .faint))
      ]
      if let expected = notebook.table(ExpectedTable.self, of: row.subject) {
        layers.append(
          .points(
            places, scale(currents(expected)), label: "expected",
            style: .init(colour: .vermilion, shape: .openSquare, weight: .strong)))
      }
      layers.append(
        .points(
          places, scale(currents(row)), label: "measured",
          style: .init(colour: .blue, shape: .circle)))
      return Figure.Panel(
        x: .init(label, range: .fixed(0.5...Double(meters.count) + 0.5)),
        y: scale.axis("Current"), layers: layers, legend: index == 0 ? .above : .none,
        tag: tag(index, "\(row.subject) driven"))
    }
    return NamedFigure(
      "matrix",
      Figure(panels: panels, columns: 2, width: 900, height: 220 * ((panels.count + 1) / 2)),
      caption: "The current into each meter while one terminal is at a small level and the others"
        + " are at 0 V.")
  }

  private static func settling(_ notebook: Notebook) -> NamedFigure? {
    let tables = notebook.tables(SettlingTable.self)
    if tables.isEmpty { return nil }
    let scale = EngineeringScale(tables.flatMap { $0[.current] }, unit: "A")
    let time = EngineeringScale(tables.flatMap { $0[.time] }, unit: "s")
    let panels = tables.enumerated().map { index, table in
      Figure.Panel(
        x: time.axis("Time after the pulse"), y: scale.axis("Current"),
        layers: [
          .points(
            time(table[.time]), scale(table[.current]),
            style: .init(colour: .blue, shape: .circle))
        ], legend: .none, tag: tag(index, table.subject))
    }
    return NamedFigure(
      "settling", Figure(devices: panels),
      caption: "Reads of each device after a pulse on its gate.")
  }
}
