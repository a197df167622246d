import Foundation

extension ConditionalFitter {
  /// The fit with the most probable noises, by parabolas along each.
  func mostProbable(from curves: StepCurves, noises: Noises) -> ConditionalFit? {
    guard var best = fit(noises, from: curves) else { return nil }
    var steps = Noises(1, 1, 0.5, 0.5)
    for round in 0..<6 {
      var farthest = 0.0
      for k in 0..<4 {
        let (centre, step) = (best, steps[k])
        func moved(_ distance: Double) -> ConditionalFit? {
          var noises = centre.noises
          noises[k] += distance
          return fit(noises, from: best.curves)
        }
        guard let up = moved(step), let down = moved(-step) else { continue }
        let slope = (up.evidence - down.evidence) / (2 * step)
        let bend = (up.evidence - 2 * centre.evidence + down.evidence) / (step * step)
        for trial in [up, down] where trial.evidence > best.evidence { best = trial }
        let reach = 3 * step
        let top = bend < -1e-6 ? min(max(-slope / bend, -reach), reach) : slope > 0 ? reach : -reach
        if let trial = moved(top), trial.evidence > best.evidence { best = trial }
        let distance = abs(best.noises[k] - centre.noises[k])
        farthest = max(farthest, distance)
        if distance < 0.3 * step { steps[k] = max(step / 2, 0.1) }
      }
      if farthest < 0.05, round > 1 { break }
    }
    return best
  }

  /// The factor of the information of the noises at their most probable values, from differences.
  func noiseInformation(at best: ConditionalFit) -> SymmetricMatrix.Factor {
    let step = Noises(0.7, 0.7, 0.3, 0.2)
    func loss(_ distance: Noises) -> Double {
      let moved = fit(best.noises + distance * step, from: best.curves)
      return best.evidence - (moved?.evidence ?? best.evidence - 10)
    }
    let axes = (0..<4).map { k -> Noises in
      var axis = Noises(repeating: 0)
      axis[k] = 1
      return axis
    }
    let ahead = axes.map { loss($0) }
    var matrix = SymmetricMatrix(4)
    for row in 0..<4 {
      let bend = ahead[row] + loss(-axes[row])
      matrix[row, row] = max(bend, 0.02) / (step[row] * step[row])
    }
    for row in 0..<4 {
      for column in 0..<row {
        let mixed = loss(axes[row] + axes[column]) - ahead[row] - ahead[column]
        let limit = 0.8 * (matrix[row, row] * matrix[column, column]).squareRoot()
        let value = min(max(mixed / (step[row] * step[column]), -limit), limit)
        (matrix[row, column], matrix[column, row]) = (value, value)
      }
    }
    // Draws need not go farther: there the likelihood does not change.
    for k in 0..<4 { matrix[k, k] += k < 2 ? 0.1 : 0.5 }
    while true {
      if let factor = matrix.factor() { return factor }
      for row in 0..<4 { for column in 0..<4 where row != column { matrix[row, column] *= 0.7 } }
    }
  }
}
