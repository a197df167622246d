import Foundation
import SaltireCore
import SaltireFigures
import SaltireRecords

/// The figures of a training run.
struct TrainingFigures {
  /// The weights of A's devices, then those of C's.
  private let weights: Recorded<WeightTable>
  private let error: Recorded<ErrorTable>?
  /// The optima, one for each parameter.
  private let targets: [Double]

  /// The figures of swords, zero-shifting and every recorded training.
  static func all(of run: RecordedRun<TrainingOutcome>) -> [NamedFigure] {
    SwordsFigures.all(of: run.notebook) + ZeroShiftFigure.all(of: run.notebook)
      + run.notebook.tables(WeightTable.self).compactMap { TrainingFigures($0, run) }
      .flatMap(\.all)
  }

  /// Nil if the weights do not match the targets.
  private init?(_ weights: Recorded<WeightTable>, _ run: RecordedRun<TrainingOutcome>) {
    // One-parameter runs have a table for each target.
    let own = Double(weights.subject).map { [$0] }
    guard let targets = own ?? run.outcome?.target ?? Self.targets(of: run), !targets.isEmpty,
      [targets.count, 2 * targets.count].contains(weights.more.count)
    else { return nil }
    self.weights = weights
    self.targets = targets
    error = run.notebook.table(ErrorTable.self, of: weights.subject)
  }

  /// The targets of the protocol, for a run without an outcome.
  private static func targets(of run: RecordedRun<TrainingOutcome>) -> [Double]? {
    run.protocolReader()?.optional(TrainingSettings.Keys.targets)?.value
  }

  private typealias Trace = (name: String, values: [Double])
  private var hasFast: Bool { weights.more.count == 2 * targets.count }
  private var fast: [Trace] { hasFast ? Array(weights.more.prefix(targets.count)) : [] }
  private var core: [Trace] { Array(weights.more.suffix(targets.count)) }
  /// A suffix for file names if a session has several runs.
  private var suffix: String { weights.subject.isEmpty ? "" : "-\(weights.subject)" }

  private var all: [NamedFigure] {
    [traces] + (hasFast ? [spiral] : []) + (errors.map { [$0] } ?? [])
  }

  private static let colours: [Figure.Colour] = [.vermilion, .blue, .green, .purple]
  private func style(_ index: Int) -> Figure.Style {
    .init(colour: Self.colours[index % Self.colours.count], dash: index == 0 ? .solid : .dashed)
  }

  private var traces: NamedFigure {
    let (samples, fast, core) = (weights[.sample], fast, core)
    let upper = Figure.Panel(
      x: .init("Sample"), y: .init("A (weight units)"),
      layers: fast.enumerated().map {
        .line(samples, $0.element.values, label: $0.element.name, style: style($0.offset))
      } + [.horizontal(0)], legend: .above, tag: tag(0, ""))
    let lower = Figure.Panel(
      x: .init("Sample"), y: .init("C (weight units)"),
      layers: core.enumerated().map {
        .line(samples, $0.element.values, label: $0.element.name, style: style($0.offset))
      }
        + targets.enumerated().map {
          .horizontal(
            $0.element, label: $0.offset == 0 ? "optima" : nil,
            style: .init(colour: .black, dash: .dotted))
        },
      legend: .above, tag: hasFast ? tag(1, "") : nil)
    return NamedFigure(
      "training\(suffix)",
      Figure(
        panels: hasFast ? [upper, lower] : [lower], columns: 1, width: 720,
        height: hasFast ? 560 : 360),
      caption: hasFast
        ? "Array A, which accumulates the gradient and returns to 0, and array C, which"
          + " settles at the optima (dotted). Values are from monitoring reads that the"
          + " training does not use."
        : "Array C against sample, from monitoring reads that the training does not use. The"
          + " dotted lines are the optima.")
  }

  private var spiral: NamedFigure {
    let (fast, core) = (fast, core)
    let panels = targets.indices.map { index in
      let (a, c) = (fast[index], core[index])
      return Figure.Panel(
        x: .init("\(c.name) (weight units)"), y: .init("\(a.name) (weight units)"),
        layers: [
          .trajectory(c.values, a.values, label: "trajectory", style: .init(colour: .blue)),
          .marker(x: targets[index], y: 0, label: "optimum"),
        ], legend: .above, equalAspect: true, tag: tag(index, "parameter \(index + 1)"))
    }
    return NamedFigure(
      "spiral\(suffix)",
      Figure(
        panels: panels, columns: min(panels.count, 2), width: panels.count == 1 ? 480 : 860,
        height: panels.count <= 2 ? 430 : 430 * ((panels.count + 1) / 2)),
      caption: "Trajectory of each parameter in the plane of C and A, from the open circle to the"
        + " filled one. The star is the optimum. With asymmetric devices the motion is damped"
        + " and spirals into the optimum; with symmetric devices it circles the optimum.")
  }

  private var errors: NamedFigure? {
    guard let error else { return nil }
    let samples = error[.sample]
    let values = error[.error]
    let window = max(values.count / 40, 1)
    var running: [Double] = []
    var sum = 0.0
    for index in values.indices {
      sum += values[index] * values[index]
      if index >= window { sum -= values[index - window] * values[index - window] }
      running.append((max(sum, 0) / Double(min(index + 1, window))).squareRoot())
    }
    let shown = thinned(values.indices, to: 2000)
    // The error of a few samples is small by chance, orders of magnitude below the rest.
    let isDrawn = { (value: Double) in value < 1e100 }
    let low = max((running.filter(isDrawn).min() ?? 1) / 50, 1e-12)
    let high = max((values.lazy.map(abs).filter(isDrawn).max() ?? 1) * 2, low * 10)
    return NamedFigure(
      "error\(suffix)",
      Figure(
        .init(
          x: .init("Sample"),
          y: .init("|y − t| (weight units)", range: .fixed(low...high), scale: .log),
          layers: [
            .points(
              shown.map { samples[$0] }, shown.map { abs(values[$0]) }, label: "each sample",
              style: .init(colour: .sky, weight: .faint)),
            .line(
              shown.map { samples[$0] }, shown.map { running[$0] },
              label: "rms of the last \(window)", style: .init(colour: .black, weight: .strong)),
          ], legend: .above), width: 720, height: 340),
      caption: "Error of every sample and its running rms. Samples whose error is far below the rms"
        + " by chance are outside the plotted range.")
  }
}
