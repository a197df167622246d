import SaltireFigures

/// The weights at which one-parameter gradient descent settles for several optima, with the
/// prediction of theory: Figure 1 of the paper.
enum SettlingFigure {
  static func all(of training: TrainingOutcome?) -> [NamedFigure] {
    guard let training, let targets = training.target, let means = training.cMean,
      let predicted = training.predicted, let errors = training.cMeanError, targets.count > 1
    else { return [] }
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
    let figure = NamedFigure(
      "settling", Figure(panels: [left, right], columns: 2, width: 860, height: 380),
      caption: "The weight at which stochastic gradient descent settles: means over"
        + " \(training.replicas ?? 1) runs with standard errors, and the fixed point that"
        + " theory predicts from the measured asymmetry of this device. The symmetry point is"
        + " at 0.")
    return [figure]
  }
}
