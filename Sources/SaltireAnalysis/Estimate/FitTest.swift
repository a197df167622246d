import Foundation
import SaltireDevices

/// Why a device is not described by its estimate: what its reads do that no step which depends on the
/// conductance alone can do.
public enum Misfit: String, Sendable, Codable, Equatable, CaseIterable {
  /// Successive reads deviate alike: a slow fluctuation, or a drift.
  case successive
  /// The first pulses after a change of direction have other steps than later ones.
  case turns
  /// Cycles differ by more than their noise.
  case cycles
  /// The curves miss their reads over a part of the window.
  case curves
  /// A single pulse or read is far from all others.
  case outlier
}

/// One test of fit with a family-wise error of 1 % (Holm's procedure), from the normalised
/// innovations, which are independent and standard normal if the estimate describes the device.
struct FitTest {
  /// What was rejected, the least probable first.
  let misfits: [Misfit]

  init(_ path: PulsePath, innovations: [Double]) {
    // At a bound the noise of a step has one side only.
    let z = innovations.enumerated().map { index, z in
      let x = path.reads[index]
      let isAtBound = path.directions[index + 1] == .up ? x > Self.bound : x < -Self.bound
      return isAtBound ? 0 : z
    }
    var tests: [(misfit: Misfit, probability: Double)] = [
      (.successive, Self.successive(z)), (.outlier, Self.outlier(z)),
      (.curves, Self.curves(path, z)),
    ]
    if let turns = Self.turns(path, z) { tests.append((.turns, turns)) }
    if let cycles = Self.cycles(path, z) { tests.append((.cycles, cycles)) }
    tests.sort { $0.probability < $1.probability }
    misfits = tests.enumerated().prefix { index, test in
      test.probability < Self.level / Double(tests.count - index)
    }.map(\.element.misfit)
  }

  private static let level = 0.01
  /// In halves of the window.
  private static let bound = 0.94

  /// n·Σρₗ² over five lags (G. E. P. Box and D. A. Pierce, J. Am. Stat. Assoc. 65, 1509 (1970)).
  private static func successive(_ z: [Double]) -> Double {
    let lags = (1...5).map { lag in zip(z, z.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } }
    return beyond(lags.reduce(0) { $0 + $1 * $1 } / Double(z.count), freedom: 5)
  }

  private static func outlier(_ z: [Double]) -> Double {
    let largest = z.map(abs).max() ?? 0
    return min(1, Double(z.count) * erfc(largest / 2.0.squareRoot()))
  }

  /// The sum over the first three pulses of all runs but the first.
  private static func turns(_ path: PulsePath, _ z: [Double]) -> Double? {
    var sums = [0.0, 0]
    var count = 0
    for index in 1..<path.directions.count {
      let turn = (max(1, index - 2)...index).last { path.directions[$0] != path.directions[$0 - 1] }
      guard turn != nil else { continue }
      sums[0] += path.directions[index] == .up ? z[index - 1] : -z[index - 1]
      sums[1] += z[index - 1]
      count += 1
    }
    guard count > 0 else { return nil }
    return beyond(sums.reduce(0) { $0 + $1 * $1 } / Double(count), freedom: 2)
  }

  /// The means of the cycles, of each direction.
  private static func cycles(_ path: PulsePath, _ z: [Double]) -> Double? {
    var sums: [[(sum: Double, count: Double)]] = [[], []]
    var last: PulseDirection?
    for (direction, value) in zip(path.directions.dropFirst(), z) {
      let side = direction == .up ? 0 : 1
      if direction != last { sums[side].append((0, 0)) }
      sums[side][sums[side].count - 1].sum += value
      sums[side][sums[side].count - 1].count += 1
      last = direction
    }
    let runs = sums.flatMap(\.self)
    guard sums.contains(where: { $0.count > 1 }) else { return nil }
    let chi2 = runs.reduce(0) { $0 + $1.sum * $1.sum / $1.count }
    return beyond(chi2, freedom: Double(runs.count))
  }

  /// The means over eighths of the reads of each direction, by conductance.
  private static func curves(_ path: PulsePath, _ z: [Double]) -> Double {
    var chi2 = 0.0
    var freedom = 0.0
    for direction in [PulseDirection.up, .down] {
      let own = z.indices.filter { path.directions[$0 + 1] == direction }.sorted {
        path.reads[$0] < path.reads[$1]
      }
      for part in 0..<8 {
        let bin = own[(own.count * part / 8)..<(own.count * (part + 1) / 8)]
        guard !bin.isEmpty else { continue }
        let sum = bin.reduce(0) { $0 + z[$1] }
        chi2 += sum * sum / Double(bin.count)
        freedom += 1
      }
    }
    return beyond(chi2, freedom: freedom)
  }

  /// The probability that χ² exceeds a value (E. B. Wilson and M. M. Hilferty, PNAS 17, 684 (1931)).
  static func beyond(_ chi2: Double, freedom: Double) -> Double {
    let share = 2 / (9 * freedom)
    let normal = (cbrt(chi2 / freedom) - 1 + share) / share.squareRoot()
    return 0.5 * erfc(normal / 2.0.squareRoot())
  }
}
