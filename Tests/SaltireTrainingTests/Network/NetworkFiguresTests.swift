import SaltireFigures
import SaltireRecords
import TestRigs
import Testing

@testable import SaltireTraining

@Suite struct NetworkFiguresTests {
  private func figures(_ labels: [String]) -> NetworkFigures {
    var notebook = Notebook()
    for (index, label) in labels.enumerated() {
      notebook.add(
        .rows(
          CurveTable.table(of: label),
          [0, 0, 5, 4.5, 0, 0, 9, 1, 5, 3 - Double(index) / 10, 0, 9]))
    }
    notebook.add(
      .rows(TracedWeightTable.table(of: "x"), [0, 0, 0.1, 100, 0.2, 0.15]))
    return NetworkFigures((name: "001", notes: notebook), with: [], unigram: 3.2)
  }

  private func labels(_ panel: Figure.Panel) -> [String] { panel.layers.compactMap(\.label) }

  /// One panel a rule; what is alone of its kind stands in all of them.
  @Test func rulesHavePanelsOfTheirOwn() {
    let all = figures(["Digital", "SGD 0", "SGD 1", "SHD 0", "SHD 1"]).all
    #expect(all.map(\.name) == ["learning", "weight-x"])
    let panels = all[0].figure.panels
    #expect(
      panels.map(labels) == [
        ["Digital", "SGD 0", "SGD 1", "byte frequencies"],
        ["Digital", "SHD 0", "SHD 1", "byte frequencies"],
      ])
    #expect(panels[0].y.range == panels[1].y.range)
    #expect(panels.map(\.tag) == ["(a) SGD", "(b) SHD"])
    #expect(all[1].figure.panels.count == 3)
  }

  /// A curve of another session that has a label of this one says whose it is.
  @Test func companionsAreToldApart() {
    var (one, other) = (Notebook(), Notebook())
    one.add(.rows(CurveTable.table(of: "SGD"), [0, 0, 5, 4, 0, 0]))
    other.add(.rows(CurveTable.table(of: "SGD"), [0, 0, 5, 3, 0, 0]))
    let figures = NetworkFigures((name: "001", notes: one), with: [("002", other)], unigram: nil)
    #expect(labels(figures.all[0].figure.panels[0]) == ["SGD", "SGD, 002"])
  }

  @Test func networksOfOneKindHaveOnePanel() {
    for names in [["network"], ["one", "two"], ["SGD 0", "SGD 1"]] {
      let panels = figures(names).all[0].figure.panels
      #expect(panels.map(labels) == [names + ["byte frequencies"]])
      #expect(panels[0].tag == nil)
    }
  }

  /// An orbit of more points than can be followed is drawn in means.
  @Test func longOrbitsAreDrawnInMeans() {
    var notebook = Notebook()
    let rows: [Double] = (0..<601).flatMap { look -> [Double] in
      [Double(look * 1000), look % 3 == 1 ? 3 : 0, 0.5]
    }
    notebook.add(
      .rows(TracedWeightTable.table(of: "x"), rows))
    let figures = NetworkFigures((name: "001", notes: notebook), with: [], unigram: nil).all
    #expect(figures[0].caption.hasSuffix("(b) shows means over 3000 characters."))
    guard case .trajectory(let c, let a) = figures[0].figure.panels[1].layers[0].mark else {
      Issue.record("no trajectory")
      return
    }
    #expect(c == [Double](repeating: 0.5, count: 201))
    #expect(a == [Double](repeating: 1, count: 200) + [0])
  }
}
