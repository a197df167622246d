import SaltireFigures
import SaltireRecords
import Testing

@testable import SaltireReport

@Suite struct NetworkFiguresTests {
  private func figures(_ labels: [String]) -> NetworkFigures {
    var notebook = Notebook()
    for (index, label) in labels.enumerated() {
      notebook.add(
        .rows(
          Note.Table("curve \(label)", [.init("epoch"), .init("test")]),
          [0, 4.5, 1, 3 - Double(index) / 10]))
    }
    notebook.add(
      .rows(
        Note.Table("weight x", [.init("characters"), .init("A"), .init("C")]),
        [0, 0, 0.1, 100, 0.2, 0.15]))
    return NetworkFigures(
      curves: labels.map { ($0, notebook.table("curve \($0)")!) },
      traces: [("x", notebook.table("weight x")!)], unigram: 3.2)
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
      .rows(Note.Table("weight x", [.init("characters"), .init("A"), .init("C")]), rows))
    let figures = NetworkFigures(
      curves: [], traces: [("x", notebook.table("weight x")!)], unigram: nil
    ).all
    #expect(figures[0].caption.hasSuffix("(b) shows means over 3000 characters."))
    guard case .trajectory(let c, let a) = figures[0].figure.panels[1].layers[0].mark else {
      Issue.record("no trajectory")
      return
    }
    #expect(c == [Double](repeating: 0.5, count: 201))
    #expect(a == [Double](repeating: 1, count: 200) + [0])
  }
}
