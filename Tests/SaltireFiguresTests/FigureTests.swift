import Testing

@testable import SaltireFigures

@Suite struct FigureTests {
  typealias Axis = Figure.Axis

  @Test(arguments: [
    (0.0...1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (-0.3...0.3, ["−0.2", "0.0", "0.2"]),
    (
      1e-6...2e-6,
      [
        "1.0×10^{−6}", "1.2×10^{−6}", "1.4×10^{−6}", "1.6×10^{−6}", "1.8×10^{−6}",
        "2.0×10^{−6}",
      ]
    ),
    (0...3600, ["0", "1000", "2000", "3000"]),
    (99.998...100.002, ["99.998", "99.999", "100.000", "100.001", "100.002"]),
  ])
  func linearTicks(limits: ClosedRange<Double>, labels: [String]) {
    let ticks = Ticks(limits, scale: .linear, length: 300, spacing: 60)
    #expect(ticks.major.map(\.label) == labels)
    #expect(!ticks.minor.isEmpty)
    #expect(Set(ticks.minor).isDisjoint(with: ticks.major.map(\.value)))
    #expect(ticks.major.allSatisfy { $0.value >= limits.lowerBound - 1e-12 })
  }

  @Test func logarithmicTicks() {
    let wide = Ticks(0.01...1000, scale: .log, length: 400, spacing: 42)
    #expect(wide.major.map(\.label) == ["10^{−2}", "10^{−1}", "1", "10", "10^{2}", "10^{3}"])
    #expect(wide.minor.count == 40)
    // Less than a decade would leave one label or none.
    let short = Ticks(2...8, scale: .log, length: 300, spacing: 60)
    #expect(short.major.map(\.label) == ["2", "4", "6", "8"])
    let huge = Ticks(1e-20...1e20, scale: .log, length: 200, spacing: 50)
    #expect(huge.major.count <= 5 && huge.major.count >= 3)
  }

  @Test func automaticRangesHoldTheDataAndIgnoreGaps() {
    #expect(Axis("").limits(of: [0, .nan, 10, .infinity]) == -0.4...10.4)
    #expect(Axis("").limits(of: []) == 0...1)
    #expect(Axis("").limits(of: [3, 3]).contains(3))
    let log = Axis("", scale: .log).limits(of: [-1, 0, 1, 100])
    #expect(log.lowerBound > 0.5 && log.lowerBound < 1 && log.upperBound > 100)
    #expect(Axis("", range: .fixed(1...2)).limits(of: [5]) == 1...2)
  }

  @Test func framesOfAColumnLineUp() {
    let narrow = Figure.Panel(x: Axis("x"), y: Axis("y"), layers: [.line([0, 1], [0, 1])])
    let wide = Figure.Panel(x: Axis("x"), y: Axis("y"), layers: [.line([0, 1], [0, 99_999])])
    let plots = FigureLayout(Figure(panels: [narrow, wide, wide, narrow], columns: 2)).plots
    #expect(plots[0].frame.left == plots[2].frame.left)
    #expect(plots[0].frame.right == plots[2].frame.right)
    #expect(plots[0].frame.bottom == plots[1].frame.bottom)
    #expect(plots[2].frame.top < plots[0].frame.bottom)
    #expect(plots[0].yLabelX == plots[2].yLabelX)
    for plot in plots {
      #expect(plot.frame.left - plot.yTicks.widestLabel > plot.yLabelX)
    }
  }

  @Test(arguments: [Axis.Range.automatic, .fixed(-3...3)])
  func equalAspectMakesUnitsAsLong(range: Axis.Range) {
    let panel = Figure.Panel(
      x: Axis("C", range: range), y: Axis("A", range: range),
      layers: [.line([-1, 2], [0, 1])], equalAspect: true)
    let plot = FigureLayout(Figure(panel, width: 900, height: 300)).plots[0]
    let x = plot.frame.width / (plot.x.limits.upperBound - plot.x.limits.lowerBound)
    let y = plot.frame.height / (plot.y.limits.upperBound - plot.y.limits.lowerBound)
    #expect(abs(x / y - 1) < 1e-9)
    #expect(plot.x.limits.contains(-1) && plot.x.limits.contains(2))
  }

  @Test func theLegendAvoidsTheData() {
    func legend(_ layers: [Figure.Layer], _ placement: Figure.Legend = .automatic) -> LegendBox? {
      let panel = Figure.Panel(x: Axis("x"), y: Axis("y"), layers: layers, legend: placement)
      return FigureLayout(Figure(panel)).plots[0].legend
    }
    let rising = legend([.line([0, 1], [0, 1], label: "a")])
    #expect(rising?.isAbove == false)
    #expect((rising?.left ?? 999) < 320 && (rising?.top ?? 0) > 200)
    // Two lines corner to corner leave none free.
    let crossed = legend([.line([0, 1], [0, 1], label: "a"), .line([0, 1], [1, 0], label: "b")])
    #expect(crossed?.isAbove == true)
    #expect(legend([.line([0, 1], [0, 1])]) == nil)
    #expect(legend([.line([0, 1], [0, 1], label: "a")], .none) == nil)
    let forced = legend([.line([0, 1], [0, 1], label: "a")], .bottomLeft)
    #expect((forced?.left ?? 999) < 320 && (forced?.top ?? 999) < 200)
  }

  @Test func faultyFiguresAreNamed() {
    func fault(_ panel: Figure.Panel, width: Int = 640) -> FigureError? {
      #expect(throws: FigureError.self) { try Figure(panel, width: width).validate() }
    }
    let plain = Axis("x")
    let errors = Figure.Layer.errorBars([1, 2], [1, 2], yError: [1])
    #expect(
      fault(.init(x: plain, y: plain, layers: [.points([], []), errors]))
        == .lengthsDiffer(panel: 0, layer: 1))
    #expect(
      fault(.init(x: plain, y: Axis("", range: .fixed(0...1), scale: .log), layers: []))
        == .range(panel: 0, axis: "y"))
    #expect(
      fault(.init(x: Axis("", range: .fixed(1...1)), y: plain, layers: []))
        == .range(panel: 0, axis: "x"))
    #expect(
      fault(.init(x: plain, y: Axis("", scale: .log), layers: [], equalAspect: true))
        == .equalAspectOnLogAxis(panel: 0))
    #expect(fault(.init(x: plain, y: plain, layers: []), width: 5) == .size(width: 5, height: 400))
    #expect(throws: FigureError.noPanels) { try Figure(panels: []).validate() }
  }

  @Test func layersDifferInMoreThanColour() {
    let layers: [Figure.Layer] = [
      .points([1], [1]), .points([1], [2]), .line([0, 1], [0, 1]), .line([0, 1], [1, 0]),
    ]
    let looks = LayerLook.looks(of: .init(x: Axis(""), y: Axis(""), layers: layers))
    #expect(Set(looks.map(\.colour)).count == 4)
    #expect(looks[0].shape != looks[1].shape)
    #expect(looks[2].dash != looks[3].dash)
  }

  @Test func gapsBreakCurvesAndBands() {
    func blocks(_ layer: Figure.Layer) -> String {
      GnuplotScript(Figure(.init(x: Axis(""), y: Axis(""), layers: [layer]))).text
    }
    #expect(blocks(.line([1, 2, 3], [4, .nan, 6])).contains("1.0 4.0\n\n3.0 6.0\nEOD"))
    let band = blocks(.band([1, 2, 3, 4, 5], lower: [0, 0, .nan, 0, 0], upper: [1, 1, 1, 1, 1]))
    #expect(band.components(of: "filledcurves") == 2)
    // A value is held up to the gap after it.
    #expect(blocks(.steps([1, 2, 3], [7, 8, .nan])).contains("2.0 8.0\n3.0 8.0\n"))
  }

  @Test func errorBarsHaveCaps() {
    let flat = AxisScale(limits: 0...10, scale: .linear, start: 0, length: 100)
    let bars = ErrorBars([5, .nan], [2, 1], flat, across: [4, 4], flat)
    #expect(bars.along.filter(\.isFinite) == [3, 7, 7, 7, 3, 3])
    #expect(bars.across.filter(\.isFinite) == [4, 4, 3.75, 4.25, 3.75, 4.25])
    // On a logarithmic axis a bar through zero ends at the frame, without a cap.
    let scale = AxisScale(limits: 0.1...10, scale: .log, start: 0, length: 100)
    #expect(
      ErrorBars([1], [2], scale, across: [4], flat).along.filter(\.isFinite) == [0.1, 3, 3, 3])
    #expect(scale.value(at: 50) == 1)
    #expect(scale.position(1) == 50)
    #expect(scale.position(0) == nil)
  }

  @Test func theScriptOfAFigureIsKnown() throws {
    try Golden.check(GnuplotScript(GnuplotTests.sample()).text, "figure.gp")
  }
}

extension String {
  fileprivate func components(of word: String) -> Int { split(separator: word).count - 1 }
}
