import Testing

@testable import SaltireFigures

/// Properties of every figure, tested on random figures.
@Suite struct RandomFigureTests {
  private static func value(_ random: inout SplitMix) -> Double {
    switch random.index(12) {
    case 0: return .nan
    case 1: return .infinity
    case 2: return -.infinity
    case 3: return 0
    case 4: return (random.unit() - 0.5) * 1e12
    case 5: return 1e-9 * random.unit()
    default: return (random.unit() - 0.3) * 10
    }
  }

  /// Mostly of one size, so that panels differ from those where one value rules all.
  private static func values(_ count: Int, _ random: inout SplitMix) -> [Double] {
    if random.index(4) == 0 { return (0..<count).map { _ in value(&random) } }
    let scale = [Double.leastNormalMagnitude, 1e-12, 1, 3e7, 1e200][random.index(5)]
    let offset = random.index(5) == 0 ? 1000.0 : 0
    if random.index(8) == 0 { return [Double](repeating: scale, count: count) }
    return (0..<count).map { _ in (random.unit() - 0.3 + offset) * scale }
  }

  private static func layer(_ label: String?, _ random: inout SplitMix) -> Figure.Layer {
    let count = random.index(30)
    let (x, y) = (values(count, &random), values(count, &random))
    let style = Figure.Style(
      shape: random.index(2) == 0 ? nil : Figure.Shape.allCases[random.index(10)],
      weight: [.normal, .faint, .strong][random.index(3)])
    switch random.index(9) {
    case 0: return .points(x, y, label: label, style: style)
    case 1: return .line(x, y, label: label, style: style)
    case 2: return .steps(x, y, label: label, style: style)
    case 3:
      return .errorBars(
        x, y, xError: random.index(2) == 0 ? nil : values(count, &random),
        yError: values(count, &random), label: label, style: style)
    case 4: return .band(x, lower: y, upper: values(count, &random), label: label, style: style)
    case 5: return .vertical(value(&random), label: label)
    case 6: return .horizontal(value(&random), label: label)
    case 7: return .marker(x: value(&random), y: value(&random), label: label)
    default: return .trajectory(x, y, label: label, style: style)
    }
  }

  private static func figure(_ seed: UInt64) -> (figure: Figure, labels: [String]) {
    var random = SplitMix(state: seed)
    var labels: [String] = []
    func label(_ kind: String) -> String {
      labels.append("\(kind) \(labels.count)")
      return labels[labels.count - 1]
    }
    let columns = 1 + random.index(3)
    let panels = (0..<1 + random.index(5)).map { _ -> Figure.Panel in
      let scales = (0..<2).map { _ in random.index(3) == 0 ? Figure.Axis.Scale.log : .linear }
      let legend = Figure.Legend.allCases[random.index(Figure.Legend.allCases.count)]
      let layers = (0..<random.index(5)).map { _ in
        layer(random.index(3) == 0 || legend == .none ? nil : label("layer"), &random)
      }
      return .init(
        x: .init(label("x"), scale: scales[0]), y: .init(label("y"), scale: scales[1]),
        layers: layers, legend: legend,
        equalAspect: !scales.contains(.log) && random.index(4) == 0,
        tag: random.index(2) == 0 ? nil : label("(a)"))
    }
    let rows = (panels.count + columns - 1) / columns
    let figure = Figure(
      panels: panels, columns: columns, width: columns * (280 + random.index(300)),
      height: rows * (230 + random.index(200)))
    return (figure, labels)
  }

  @Test func everythingIsOnThePageAndNothingIsLost() throws {
    for seed in 0..<400 as Range<UInt64> {
      let (figure, labels) = Self.figure(seed)
      let (width, height) = (Double(figure.width), Double(figure.height))
      let document = try SVGDocument(SVGImage(figure).document)
      #expect(Set(labels).isSubset(of: document.texts), "seed \(seed): \(document.texts)")
      for path in document.paths {
        let places = try #require(SVGDocument.places(path["d"] ?? ""), "seed \(seed): \(path)")
        let outside = places.first {
          $0.x < -0.01 || $0.x > width + 0.01 || $0.y < -0.01 || $0.y > height + 0.01
        }
        #expect(outside == nil, "seed \(seed): \(path)")
      }
      for text in document.labels {
        let box = text.box
        #expect(
          box.left >= -0.5 && box.right <= width + 0.5 && box.top >= -0.5
            && box.bottom <= height + 0.5, "seed \(seed): \(text)")
      }
    }
  }

  /// Labels outside the frames: of ticks and axes, tags, and legends above.
  @Test func labelsDoNotTouch() throws {
    for seed in 1000..<1400 as Range<UInt64> {
      var (figure, _) = Self.figure(seed)
      for index in figure.panels.indices { figure.panels[index].legend = .above }
      let labels = try SVGDocument(SVGImage(figure).document).labels
      for (index, text) in labels.enumerated() {
        let a = text.box
        for other in labels[(index + 1)...] {
          let b = other.box
          let isApart =
            a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
          #expect(isApart, "seed \(seed): \(text.content), \(other.content)")
        }
      }
    }
  }

  /// An automatically placed legend hides no data.
  @Test func automaticLegendsCoverNoData() throws {
    var inside = 0
    for seed in 2000..<2300 as Range<UInt64> {
      var (figure, _) = Self.figure(seed)
      for index in figure.panels.indices { figure.panels[index].legend = .automatic }
      for (panel, plot) in zip(figure.panels, FigureLayout(figure).plots) {
        guard let legend = plot.legend, !legend.isAbove else { continue }
        inside += 1
        let ink = panel.layers.flatMap { InkSample.points(of: $0, x: plot.x, y: plot.y) }
        let hidden = ink.first {
          $0.x > legend.left && $0.x < legend.left + legend.width && $0.y < legend.top
            && $0.y > legend.top - legend.height
        }
        #expect(hidden == nil, "seed \(seed)")
        #expect(legend.left >= plot.frame.left && legend.top <= plot.frame.top)
      }
    }
    #expect(inside > 50)
  }
}
