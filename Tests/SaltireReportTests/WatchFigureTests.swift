import SaltireCore
import SaltireFigures
import SaltireRecords
import Testing

@testable import SaltireReport

@Suite struct WatchFigureTests {
  private func table(_ name: String, _ rows: [[Double]]) -> (name: String, table: Notebook.Filled) {
    var notebook = Notebook()
    let columns = ["sample", "drift", "error", "tolerance"].map { Note.Table.Column($0) }
    notebook.add(.rows(Note.Table(name, columns), rows.flatMap(\.self)))
    return (name, notebook.table(name)!)
  }

  /// A panel a device; checks are told apart by what they say.
  @Test func findingsAreToldApart() throws {
    let figure = try #require(
      WatchFigure.make([
        table(
          "A1",
          [[500, 0.01, 0.02, 0.1], [1000, 0.08, 0.02, 0.1], [1500, 0.2, 0.02, 0.1]]),
        table("A2", [[500, -0.2, 0.02, 0.1], [1000, 0, .infinity, 0.1]]),
      ]))
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
    #expect(WatchFigure.make([]) == nil)
  }
}
