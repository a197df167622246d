import Foundation
import SaltireDevices

extension StepCurves {
  /// The most coefficients of one curve.
  private static let most = 14

  /// Straight curves through the steps of a path, on knots for that path, with a first guess of the
  /// noises; nil if pulses do not move the conductance in their direction.
  static func start(for path: PulsePath) -> (curves: StepCurves, noises: Noises)? {
    guard let up = line(.up, path), let down = line(.down, path) else { return nil }
    let residuals = [up.residuals, down.residuals]
    let pairs = residuals.flatMap { $0.flatMap { run in zip(run, run.dropFirst()) } }
    let all = residuals.flatMap { $0.flatMap(\.self) }
    // Neighbouring steps share a read, whose noise they see with opposite signs.
    let square = all.reduce(0) { $0 + $1 * $1 } / Double(all.count)
    let shared = -pairs.reduce(0) { $0 + $1.0 * $1.1 } / Double(all.count)
    let read2 = max(shared, 0.02 * square)
    let step2 = max(square - 2 * read2, 0.02 * square)
    let mean = (up.mean + down.mean) / 2
    let noises = Noises(
      log(100), log(100), min(max(0.5 * log(step2) - log(mean), log(1e-3)), 0),
      max(0.5 * log(read2), log(1e-7)))
    return (StepCurves(up: up.curve, down: down.curve), noises)
  }

  private struct Line {
    var curve: StepCurve
    var mean: Double
    /// Of each run.
    var residuals: [[Double]]
  }

  private static func line(_ direction: PulseDirection, _ path: PulsePath) -> Line? {
    let sign = direction == .up ? 1.0 : -1.0
    var steps: [[(x: Double, step: Double)]] = [[]]
    for index in 1..<path.reads.count {
      guard path.directions[index] == direction, !path.begins(index) else {
        if steps.last?.isEmpty == false { steps.append([]) }
        continue
      }
      let (before, after) = (path.reads[index - 1], path.reads[index])
      steps[steps.count - 1].append((x: (before + after) / 2, step: sign * (after - before)))
    }
    let all = steps.flatMap(\.self)
    let count = Double(all.count)
    let x = all.reduce(0) { $0 + $1.x } / count
    let mean = all.reduce(0) { $0 + $1.step } / count
    guard mean > 0 else { return nil }
    let spread = all.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    let slope = all.reduce(0) { $0 + ($1.x - x) * $1.step } / max(spread, 1e-30)
    let basis = basis(direction, path)
    let curve = StepCurve(
      direction, basis,
      logarithms: basis.abscissae.map {
        log(min(max(mean + slope * ($0 - x), 0.3 * mean), 3 * mean))
      })
    let residuals = steps.map { run in run.map { $0.step - mean - slope * ($0.x - x) } }
    return Line(curve: curve, mean: mean, residuals: residuals)
  }

  /// Knots over the positions that pulses of one direction met, half of them even in pulses and half
  /// over the range; a coefficient for at least four pulses.
  private static func basis(_ direction: PulseDirection, _ path: PulsePath) -> SplineBasis {
    let runs = path.runs
    let before = zip(runs, runs.dropFirst()).filter { $0.1.direction == direction }
    let own = runs.filter { $0.direction == direction }.flatMap(\.positions)
    let met = (own + before.compactMap(\.0.positions.last)).sorted()
    let low = max(-1, met[0] - 0.05)
    let high = min(1, met[met.count - 1] + 0.05)
    let spans = min(most, max(4, own.count / 4)) - 2
    /// The share of knots below x.
    func share(_ x: Double) -> Double {
      let below = met.partitioningIndex { $0 > x }
      return 0.5 * Double(below) / Double(met.count) + 0.5 * (x - low) / (high - low)
    }
    let wanted = (1..<spans).map { knot -> Double in
      var (left, right) = (low, high)
      for _ in 0..<40 {
        let middle = (left + right) / 2
        if share(middle) < Double(knot) / Double(spans) { left = middle } else { right = middle }
      }
      return right
    }
    // Many reads at a bound are one place: no knots nearer to each other than that.
    let ends = [low] + wanted + [high]
    let least = 0.25 * (high - low) / Double(spans)
    let gaps = zip(ends.dropFirst(), ends).map { max($0 - $1, least) }
    let shrink = (high - low) / gaps.reduce(0, +)
    let interior = gaps.dropLast().reduce(into: [low]) { $0.append($0[$0.count - 1] + shrink * $1) }
    return SplineBasis(low: low, high: high, interior: Array(interior.dropFirst()))
  }
}

extension Array {
  /// The first index whose element fulfils `isAfter`, in an array in which all such are last.
  fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
