import SaltireCore
import SaltireFigures
import SaltireRecords
import TestRigs
import Testing

@testable import SaltireExperiments

@Suite struct WatchFigureTests {
  /// A panel a device; checks are told apart by what they say.
  @Test func findingsAreToldApart() throws {
    var notebook = Notebook()
    let rows: [String: [[Double]]] = [
      "A1": [[500, 0.01, 0.02, 0.1], [1000, 0.08, 0.02, 0.1], [1500, 0.2, 0.02, 0.1]],
      "A2": [[500, -0.2, 0.02, 0.1], [1000, 0, .infinity, 0.1]],
    ]
    for (device, rows) in rows.sorted(by: { $0.key < $1.key }) {
      notebook.add(.rows(WatchTable.table(of: device), rows.flatMap(\.self)))
    }
    let figure = try #require(WatchFigure.all(of: notebook).first)
    let panels = figure.figure.panels
    #expect(panels.map(\.tag) == ["(a) A1", "(b) A2"])
    let labels = panels.map { $0.layers.compactMap(\.label) }
    #expect(labels == [["within", "not known", "beyond"], ["not known", "beyond"]])
    guard case .errorBars(let x, let y, _, let errors) = panels[0].layers.last?.mark else {
      Issue.record("no error bars")
      return
    }
    #expect(x == [1500] && y == [0.2])
    #expect(abs((errors?.first ?? 0) - 1.96 * 0.02) < 1e-12)
    #expect(WatchFigure.all(of: Notebook()).isEmpty)
  }
}
