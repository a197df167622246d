import Testing

@testable import SaltireFigures

@Suite struct FigureTests {
  typealias Axis = Figure.Axis

  private static func text(_ tick: Ticks.Major) -> String {
    tick.power.isEmpty ? tick.label : "\(tick.label)^\(tick.power)"
  }

  @Test(arguments: [
    (0.0...1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (-0.3...0.3, ["−0.3", "−0.2", "−0.1", "0.0", "0.1", "0.2", "0.3"]),
    // Rather a few labels too close than one alone.
    (2...15, ["2", "4", "6", "8", "10", "12", "14"]),
    (
      1e-6...2e-6,
      [
        "1.0×10^−6", "1.2×10^−6", "1.4×10^−6", "1.6×10^−6", "1.8×10^−6",
        "2.0×10^−6",
      ]
    ),
    (0...3600, ["0", "1000", "2000", "3000"]),
    (99.998...100.002, ["99.998", "99.999", "100.000", "100.001", "100.002"]),
  ])
  func linearTicks(limits: ClosedRange<Double>, labels: [String]) {
    let ticks = Ticks(limits, scale: .linear, length: 300, spacing: 60)
    #expect(ticks.major.map(Self.text) == labels)
    #expect(!ticks.minor.isEmpty)
    #expect(Set(ticks.minor).isDisjoint(with: ticks.major.map(\.value)))
    #expect(ticks.major.allSatisfy { $0.value >= limits.lowerBound - 1e-12 })
  }

  @Test func logarithmicTicks() {
    let wide = Ticks(0.01...1000, scale: .log, length: 400, spacing: 42)
    #expect(wide.major.map(Self.text) == ["10^−2", "10^−1", "1", "10", "10^2", "10^3"])
    #expect(wide.minor.count == 40)
    // Less than a decade would leave one label or none.
    let short = Ticks(2...8, scale: .log, length: 300, spacing: 60)
    #expect(short.major.map(\.label) == ["2", "3", "4", "5", "6", "7", "8"])
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

  /// A label that would touch the one before is left out; its tick stays.
  @Test func labelsThatWouldTouchAreLeftOut() {
    let scale = AxisScale(limits: 0...10, scale: .linear, start: 0, length: 60)
    var ticks = Ticks(0...10, scale: .linear, length: 60, spacing: 10)
    #expect(ticks.major.map(\.label) == ["0", "2", "4", "6", "8", "10"])
    ticks.dropCrowded(on: scale) { _ in 20 }
    #expect(ticks.major.map(\.label) == ["0", "", "4", "", "8", ""])
    #expect(ticks.major.map(\.value) == [0, 2, 4, 6, 8, 10])
  }

  @Test func positionsAreFiniteOrGaps() {
    let linear = AxisScale(limits: 0...1e-200, scale: .linear, start: 0, length: 100)
    #expect(linear.position(1e299)?.isFinite == true)
    #expect(linear.position(.infinity) == nil && linear.position(.nan) == nil)
    let log = AxisScale(limits: 1e-300...1e300, scale: .log, start: 0, length: 100)
    #expect(log.position(1) == 50)
    #expect(log.position(0) == nil && log.position(-1) == nil)
    // What a bar or a band reaches lies beyond the end.
    #expect((log.edge(0) ?? 0) < -1000 && (log.edge(.infinity) ?? 0) > 1000)
    #expect(log.edge(.nan) == nil)
    for values in [
      [.leastNonzeroMagnitude], [.leastNormalMagnitude], [-1e299, 1e299], [1e-299, 1e299],
    ] {
      for scale in [Axis.Scale.linear, .log] {
        let limits = Axis("", scale: scale).limits(of: values)
        #expect(limits.upperBound > limits.lowerBound, "\(values)")
        #expect(scale == .linear || limits.lowerBound > 0)
        #expect((limits.upperBound - limits.lowerBound).isFinite)
      }
    }
  }

  /// Widths of Helvetica, in thousandths, as Adobe's metrics have them.
  @Test func widthsAreThoseOfHelvetica() {
    let conductance = 722 + 556 * 3 + 556 + 500 + 278 + 556 * 2 + 500 + 556
    #expect(abs(TextWidth.points("Conductance") - Double(conductance) * 0.012) < 0.5)
    #expect(TextWidth.points("e\u{301}") == TextWidth.points("e"))
    #expect(TextWidth.fitted("Conductance", to: 100) == "Conductance")
    let cut = TextWidth.fitted("Conductance", to: 40)
    #expect(cut.hasPrefix("Con") && cut.hasSuffix("…") && TextWidth.points(cut) <= 40)
    #expect(TextWidth.fitted("Conductance", to: -5) == "…")
  }

  @Test func figuresAreThinnedEvenly() {
    #expect(thinned(0..<5, to: 10) == [0, 1, 2, 3, 4])
    #expect(thinned(0..<10, to: 4) == [0, 3, 6, 9])
    #expect(thinned(0..<0, to: 4).isEmpty)
    #expect(tag(1, "A2") == "(b) A2" && tag(26, "") == "(a)")
  }
}
