import Foundation

/// The motion of the two arrays during training, in weight units, from traces taken every few
/// samples.
///
/// Means and rms values are over the last fifth of the trace. The plane of a parameter is (C −
/// target, s·A), in which the undamped orbit is a circle.
public struct SpiralMetrics: Sendable, Equatable, Codable {
  /// Mean of C, and rms of C − target, for each parameter.
  public var cMean: [Double]
  public var cRms: [Double]
  /// Mean and rms of A; nil without array A.
  public var aMean: [Double]?
  public var aRms: [Double]?
  /// rms of √((C − target)² + (sA)²) over the last fifth, over |target|; nil
  /// for a target of 0.
  public var radiusRatio: [Double?]
  /// Revolutions until the radius first falls below a quarter of its initial value; nil if it never
  /// does.
  public var turns: [Double?]?
  /// Revolutions in total.
  public var turnsTotal: [Double]?
  /// Whether the motion is clockwise (A > 0 increases C).
  public var clockwise: [Bool]?
  /// The fraction of the trace that is further around, in its own direction, than 20 samples
  /// before: 1 for a motion that never turns back.
  public var monotone: [Double]?

  /// Analyses traces.
  ///
  /// - Parameters:
  ///   - core: C of each parameter, in weight units.
  ///   - fast: A of each parameter; nil for SGD, which has no A.
  ///   - targets: one value for each parameter.
  ///   - aspect: s = √(β/α).
  ///   - interval: samples between consecutive points of the traces.
  public init(
    core: [[Double]], fast: [[Double]]?, targets: [Double], aspect: Double, interval: Int
  ) {
    func tail(_ trace: [Double]) -> ArraySlice<Double> { trace.suffix(max(trace.count / 5, 1)) }
    func mean(_ values: some Collection<Double>) -> Double {
      values.reduce(0, +) / Double(max(values.count, 1))
    }
    func rms(_ values: some Collection<Double>) -> Double {
      mean(values.map { $0 * $0 }).squareRoot()
    }
    cMean = core.map { mean(tail($0)) }
    cRms = zip(core, targets).map { trace, target in rms(tail(trace).map { $0 - target }) }
    aMean = fast.map { $0.map { mean(tail($0)) } }
    aRms = fast.map { $0.map { rms(tail($0)) } }
    let still = core.map { $0.map { _ in 0.0 } }
    let orbits = zip(zip(core, fast ?? still), targets).map { traces, target in
      Orbit(core: traces.0.map { $0 - target }, fast: traces.1.map { aspect * $0 })
    }
    radiusRatio = zip(orbits, targets).map { orbit, target in
      target == 0 ? nil : rms(tail(orbit.radii)) / abs(target)
    }
    guard fast != nil else { return }
    turns = orbits.map(\.turnsToAQuarter)
    turnsTotal = orbits.map { abs($0.revolutions.last ?? 0) }
    clockwise = orbits.map { ($0.revolutions.last ?? 0) < 0 }
    monotone = orbits.map { $0.monotone(over: max(20 / max(interval, 1), 1)) }
  }
}

/// A trajectory in the (C − target, sA) plane.
struct Orbit {
  /// Distance from the optimum.
  let radii: [Double]
  /// Signed revolutions since the start, counter-clockwise positive.
  let revolutions: [Double]

  init(core: [Double], fast: [Double]) {
    var radii: [Double] = []
    var revolutions: [Double] = []
    var turned = 0.0
    var last: Double?
    for (x, y) in zip(core, fast) {
      let angle = atan2(y, x)
      if let last {
        var step = angle - last
        if step > .pi { step -= 2 * .pi } else if step < -.pi { step += 2 * .pi }
        turned += step
      }
      last = angle
      radii.append((x * x + y * y).squareRoot())
      revolutions.append(turned / (2 * .pi))
    }
    self.radii = radii
    self.revolutions = revolutions
  }

  /// The fraction of points that are further around than `lag` points before.
  func monotone(over lag: Int) -> Double {
    let sign = (revolutions.last ?? 0) < 0 ? -1.0 : 1.0
    let steps = zip(revolutions.dropFirst(lag), revolutions).map { sign * ($0 - $1) }
    return Double(steps.filter { $0 > 0 }.count) / Double(max(steps.count, 1))
  }

  /// Revolutions until the radius first falls below a quarter of its initial value.
  var turnsToAQuarter: Double? {
    guard let first = radii.first, let index = radii.firstIndex(where: { $0 < first / 4 }) else {
      return nil
    }
    return abs(revolutions[index])
  }
}
