import SaltireAnalysis
import SaltireCore
import SaltireFigures
import SaltireRecords

/// The crossed swords of one device, ready for drawing.
struct SwordsData: Sendable {
  var device: String
  /// Pulse number of every read, and whether it followed an up pulse (+1), a
  /// down pulse (−1) or none (0).
  var pulses: [Double]
  var directions: [Double]
  /// In `unit`.
  var conductances: [Double]
  /// The fit; nil if the analysis failed.
  var fit: SwordsFit?
  /// "S", or empty for a normalised curve.
  var unit: String

  init(
    device: String, pulses: [Double], directions: [Double], conductances: [Double],
    fit: SwordsFit?, unit: String
  ) {
    self.device = device
    self.pulses = pulses
    self.directions = directions
    self.conductances = conductances
    self.fit = fit
    self.unit = unit
  }
}

extension SwordsData {
  /// A device of a session.
  init(_ table: Recorded<SwordsTable>, _ notebook: Notebook) {
    device = table.subject
    pulses = table[.pulse]
    directions = table[.direction]
    conductances = table[.conductance]
    fit = notebook.finding(.swords, of: table.subject).map { SwordsFit($0) }
    unit = "S"
  }
}

/// The two figures of crossed swords, with one panel for each device.
enum SwordsFigures {
  /// Both figures, if swords were measured.
  static func all(of notebook: Notebook) -> [NamedFigure] {
    all(notebook.tables(SwordsTable.self).map { SwordsData($0, notebook) })
  }

  static func all(_ devices: [SwordsData]) -> [NamedFigure] {
    guard !devices.isEmpty else { return [] }
    func panels(_ panel: (SwordsData, String) -> Figure.Panel) -> [Figure.Panel] {
      devices.enumerated().map { panel($0.element, tag($0.offset, $0.element.device)) }
    }
    return [
      NamedFigure(
        "conductance", Figure(devices: panels(conductance)),
        caption: "Conductance against pulse number: up pulses (red circles) and down pulses (blue"
          + " squares). The line marks the conductance at which the swords cross."),
      NamedFigure(
        "crossed-swords", Figure(devices: panels(swords)),
        caption: "Crossed swords: mean conductance change per up pulse and per down pulse against"
          + " conductance, averaged over blocks of pulses, with standard errors, and the"
          + " maximum-likelihood fit. The curves cross at the symmetry point, shown with its"
          + " standard error."),
    ]
  }

  private static func conductance(_ data: SwordsData, _ tag: String) -> Figure.Panel {
    let scale = EngineeringScale(data.conductances, unit: data.unit)
    let shown = thinned(data.pulses.indices, to: 3000)
    func points(_ sign: Double) -> (x: [Double], y: [Double]) {
      let own = shown.filter { data.directions[$0] == sign }
      return (own.map { data.pulses[$0] }, own.map { scale(data.conductances[$0]) })
    }
    let up = points(1)
    let down = points(-1)
    var layers: [Figure.Layer] = [
      .points(up.x, up.y, label: "up", style: .init(colour: .vermilion, weight: .faint)),
      .points(
        down.x, down.y, label: "down",
        style: .init(colour: .blue, shape: .square, weight: .faint)),
    ]
    if let point = data.fit?.symmetryPoint {
      layers.append(.horizontal(scale(point.value), label: "swords cross"))
    }
    return .init(
      x: .init("Pulse number"), y: scale.axis("Conductance"), layers: layers, legend: .above,
      tag: tag)
  }

  private static func swords(_ data: SwordsData, _ tag: String) -> Figure.Panel {
    let window =
      data.fit.map { $0.window }
      ?? CrossedSwords.Window(
        min: data.conductances.min() ?? 0, max: data.conductances.max() ?? 1)
    let up = SwordsBlocks(data, direction: 1, window)
    let down = SwordsBlocks(data, direction: -1, window)
    let scale = EngineeringScale(data.conductances, unit: data.unit)
    let steps = EngineeringScale((up.mean + down.mean).map { $0 * 0.999 }, unit: data.unit)
    var layers: [Figure.Layer] = [
      .errorBars(
        scale(up.centre), steps(up.mean), yError: steps(up.error), label: "ΔG up",
        style: .init(colour: .vermilion, shape: .circle)),
      .errorBars(
        scale(down.centre), steps(down.mean), yError: steps(down.error), label: "|ΔG| down",
        style: .init(colour: .blue, shape: .square)),
    ]
    if let fit = data.fit {
      let x = (0...60).map { window.min + (window.max - window.min) * Double($0) / 60 }
      func line(_ step: (Double) -> Double) -> [Double] { x.map { steps(step($0)) } }
      layers += [
        .line(scale(x), line(fit.up), style: .init(colour: .vermilion, dash: .solid)),
        .line(scale(x), line(fit.down), style: .init(colour: .blue, dash: .dashed)),
      ]
      if let point = fit.symmetryPoint {
        let height = fit.up(point.value)
        layers.append(
          .errorBars(
            [scale(point.value)], [steps(height)], xError: [scale(point.standardError)],
            label: uncertain(point.value, standardError: point.standardError, unit: data.unit),
            style: .init(colour: .black, shape: .diamond, weight: .strong)))
      }
    }
    return .init(
      x: scale.axis("Conductance"), y: steps.axis("Change per pulse"), layers: layers,
      legend: .above, tag: tag)
  }
}
