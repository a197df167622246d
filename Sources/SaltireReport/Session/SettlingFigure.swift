import SaltireExperiments
import SaltireFigures

/// Where one-parameter gradient descent settles for several optima, beside
/// what theory says: the paper's Figure 1.
enum SettlingFigure {
  static func make(_ training: TrainingOutcome?) -> NamedFigure? {
    guard let training, let targets = training.target, let means = training.cMean,
      let predicted = training.predicted, let errors = training.cMeanError, targets.count > 1
    else { return nil }
    let distance = zip(means, targets).map { abs($0 - $1) }
    let left = Figure.Panel(
      x: .init("Optimum (weight units)"), y: .init("C at the end (weight units)"),
      layers: [
        .errorBars(
          targets, means, yError: errors, label: "trained",
          style: .init(colour: .blue, shape: .circle)),
        .line(
          targets, predicted, label: "theory",
          style: .init(colour: .vermilion, dash: .solid)),
        .line(targets, targets, label: "optimum", style: .init(colour: .black, dash: .dashed)),
      ], legend: .above, tag: tag(0, ""))
    let right = Figure.Panel(
      x: .init("Optimum (weight units)"), y: .init("Residual distance (weight units)"),
      layers: [
        .errorBars(
          targets, distance, yError: errors, style: .init(colour: .blue, shape: .circle)),
        .line(
          targets, zip(predicted, targets).map { abs($0 - $1) },
          style: .init(colour: .vermilion, dash: .solid)),
      ], legend: .none, tag: tag(1, ""))
    return NamedFigure(
      "settling", Figure(panels: [left, right], columns: 2, width: 860, height: 380),
      caption: "Where stochastic gradient descent settles, means over"
        + " \(training.replicas ?? 1) runs with standard errors, and the fixed point of theory from"
        + " this device's own asymmetry. The symmetry point is at 0.")
  }
}
