import SaltireAnalysis
import SaltireCore
public import SaltireFigures

/// The results of a training, as lines of the summary and as sections of the report.
enum TrainingSummary {
  /// One text line for each device and each parameter.
  static func lines(_ training: TrainingOutcome) -> [String] {
    func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 3) }
    let targets = training.target ?? []
    return DeviceSummary.lines(training.devices)
      + targets.indices.map { index in
        var parts = ["target \(number(targets[index]))"]
        if let mean = training.cMean?[index] { parts.append("C \(number(mean))") }
        if let mean = training.aMean?[index] { parts.append("A \(number(mean))") }
        if let ratio = training.radiusRatio?[index] ?? nil {
          parts.append("radius ratio \(number(ratio))")
        }
        if let turns = training.turnsTotal?[index] { parts.append("\(number(turns)) turns") }
        if let point = training.predicted?[index] { parts.append("predicted \(number(point))") }
        return "parameter \(index + 1)  " + parts.joined(separator: ", ")
      }
  }

  /// The training followed by `more`, if it started, and the devices.
  static func sections(
    _ run: RecordedRun<TrainingOutcome>, more: [HTMLReport.Block] = []
  ) -> [HTMLReport.Section] {
    guard let training = run.outcome else { return [] }
    let devices = DeviceSummary.sections(training.devices, truth: run.truth)
    if training.target == nil { return devices }
    let blocks = [table(training)] + diagnosis(training).map { .paragraph($0) } + more
    return [.init("Training", blocks)] + devices
  }

  private static func table(_ training: TrainingOutcome) -> HTMLReport.Block {
    let targets = training.target ?? []
    func text(_ values: [Double?]?, _ index: Int, none: String = "–") -> String {
      guard let values else { return "–" }
      return values[index].map { Quantity($0, .one).formatted(digits: 3) } ?? none
    }
    return .table(
      HTMLTable(
        caption: "Weights over the last fifth of \(training.samples ?? 0) samples, in weight"
          + " units" + (training.replicas.map { ", means over \($0) runs" } ?? "")
          + ". The radius is that of the motion around the optimum in the plane of C and A,"
          + " relative to the distance of the optimum from the start. Turns are counted until"
          + " the radius is below a quarter, and in total. Updates:"
          + " \(training.update ?? "–"); reference: \(training.reference ?? "–").",
        columns: [
          .init("parameter", alignment: .left), .init("optimum"), .init("C mean"),
          .init("C rms deviation"), .init("A mean"), .init("A rms"), .init("radius ratio"),
          .init("turns"), .init("turns in total"), .init("direction"),
        ] + (training.predicted == nil ? [] : [.init("theory")]),
        rows: targets.indices.map { index in
          [
            "\(index + 1)", text(targets, index), text(training.cMean, index),
            text(training.cRms, index), text(training.aMean, index), text(training.aRms, index),
            text(training.radiusRatio, index),
            text(training.turns, index, none: "never"),
            text(training.turnsTotal, index),
            training.clockwise.map { $0[index] ? "clockwise" : "counter-clockwise" } ?? "–",
          ] + (training.predicted == nil ? [] : [text(training.predicted, index)])
        }, hasRowHeaders: true))
  }

  /// Why training missed the optimum, if it did: the residual fluctuation from the
  /// fluctuation–dissipation balance of A's pulses.
  private static func diagnosis(_ training: TrainingOutcome) -> [String] {
    guard let targets = training.target, !training.restless.isEmpty else { return [] }
    var lines = ["The motion has not decayed: the radius is still above half of its initial value."]
    for (name, device) in training.devices.sorted(by: { $0.key < $1.key }) {
      guard let states = device.states, let noise = device.cycleToCycle else { continue }
      if let read = device.readNoise, let scale = device.weightScale, read > 0.05 * scale {
        lines.append(
          "A single read of \(name) has a standard error of"
            + " \(Quantity(read / scale, .one).formatted(digits: 2)) weight units, which adds"
            + " noise to every gradient.")
      }
      guard device.symmetryPoint != nil, let kappa = device.kappa, kappa > 0 else {
        lines.append(
          "\(name) has no symmetry point: the motion is undamped and circles the optimum.")
        continue
      }
      let floor = (2 / states * (1 + noise * noise) / (2 * kappa)).squareRoot()
      let smallest = targets.map(abs).min() ?? 0
      if floor > smallest / 4 {
        lines.append(
          "\(name) has \(Quantity(states, .one).formatted(digits: 3)) states, a"
            + " cycle-to-cycle noise of \(Quantity(noise, .one).formatted(digits: 3)) steps and κ"
            + " \(Quantity(kappa, .one).formatted(digits: 3)): its pulses alone make it fluctuate"
            + " by \(Quantity(floor, .one).formatted(digits: 2)) weight units around its symmetry"
            + " point; the optimum is at \(smallest).")
      }
    }
    return lines
  }
}

/// A training is summarised and reported like every other, unless it says more.
extension RecordedExperiment where Outcome == TrainingOutcome {
  public static func summary(of outcome: TrainingOutcome) -> [String] {
    TrainingSummary.lines(outcome)
  }

  public static func sections(of run: RecordedRun<TrainingOutcome>) -> [HTMLReport.Section] {
    TrainingSummary.sections(run)
  }

  public static func figures(of run: RecordedRun<TrainingOutcome>) -> [NamedFigure] {
    TrainingFigures.all(of: run)
  }
}
