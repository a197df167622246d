import Foundation
import SaltireDevices

/// The analysis of a crossed-swords measurement.
///
/// ΔG₊ and |ΔG₋| are fitted as functions of G by maximum likelihood (a Kalman filter that separates
/// device noise from read noise): straight lines for the LinearStep parameters, parabolas if the
/// data require them (likelihood-ratio test at 0.1 %). The symmetry point is where the two cross,
/// with its standard error from the Fisher information.
public struct CrossedSwords: Sendable, Equatable, Codable {
  /// The range that the pulses covered, in siemens.
  public struct Window: Sendable, Equatable, Codable {
    public var min: Double
    public var max: Double

    public init(min: Double, max: Double) {
      self.min = min
      self.max = max
    }
  }

  /// A step in siemens as a function of G in siemens: Σ cₖ Gᵏ.
  public typealias Polynomial = [Double]

  public var window: Window
  /// Siemens per weight unit: half the window, so that the window is two
  /// weight units wide, as in the EcRam presets.
  public var weightScale: Double
  /// In siemens; nil if `verdict` is set.
  public var symmetryPoint: Estimate?
  /// The crossing of the swords, whatever its uncertainty: the starting point of zero-shifting.
  public var crossing: Estimate?
  public var verdict: NoSymmetryPoint?
  /// Mean step at the symmetry point (or at the middle of the window if there is none), in siemens.
  public var step: Double
  /// The window divided by the step.
  public var states: Double
  /// Decrease of ΔG₊ from the symmetry point to the window's upper end, relative to the step there
  /// (LinearStep's γ_up); likewise γ_down in the other direction.
  public var gammaUp: Double
  public var gammaDown: Double
  /// ½(γ_up/w_max + γ_down/|w_min|) from the symmetry point, per weight unit.
  public var kappa: Double
  /// Common slope of both steps at the symmetry point, relative to the step, per weight unit: how
  /// the gain of a requested change depends on the weight.
  public var phi: Double
  /// Standard deviation of one step relative to its mean.
  public var cycleToCycle: Double
  /// Standard deviation of one read, siemens.
  public var readNoise: Double
  /// Standard deviation of a fluctuation that decays over several pulses without changing the
  /// device, in siemens; 0 if the reads show none.
  public var fluctuation: Double
  /// The fraction of the fluctuation that remains after one pulse.
  public var fluctuationKept: Double
  /// The fitted ΔG₊(G) and |ΔG₋|(G).
  public var up: Polynomial
  public var down: Polynomial
  /// The number of fitted pulses: those away from the bounds.
  public var pulses: Int

  /// Analyses a response.
  ///
  /// - Throws: ``NoSymmetryPoint/unresponsive`` if no pulse had an effect;
  ///   ``NoSymmetryPoint/undetermined`` if the steps cannot be fitted: fewer than 10 pulses
  ///   per direction away from the bounds, or up pulses that do not increase the conductance. Any
  ///   other reason for a missing symmetry point is a `verdict`.
  public init(_ response: PulseResponse) throws(NoSymmetryPoint) {
    guard response.isResponsive else { throw .unresponsive }
    guard let range = response.window else { throw .undetermined }
    window = Window(min: range.lowerBound, max: range.upperBound)
    let scale = (range.upperBound - range.lowerBound) / 2
    let centre = (range.upperBound + range.lowerBound) / 2
    weightScale = scale

    // A first fit gives the noise, and thus the distance from the bounds at which a device is
    // certainly not clipped.
    let length = response.branches.map(\.conductances.count).min() ?? 0
    let coarse = max(length / 40, 1)
    let rough = Self.segments(
      response, centre: centre, scale: scale, margin: 0.05, smoothing: coarse)
    guard let first = StepFit(rough, degree: 1) else { throw .undetermined }
    let model = first.model
    let largest = max(model.step(.up, at: -1), model.step(.down, at: 1), 1e-12)
    let wanted = (model.readNoise / largest) * (model.readNoise / largest)
    let smoothing = Int(min(max(wanted, 1), Double(max(length / 20, 1))))
    let margin = min(
      3 * model.readNoise / Double(smoothing).squareRoot() + largest * (1 + 2 * model.sigma), 0.25)
    let segments = Self.segments(
      response, centre: centre, scale: scale, margin: margin, smoothing: smoothing)
    for direction in [PulseDirection.up, .down] {
      let pulses = segments.filter { $0.direction == direction }.reduce(0) {
        $0 + $1.reads.count - 1
      }
      guard pulses >= 10 else { throw .undetermined }
    }
    guard let plain = StepFit(segments, degree: 1, from: model) else { throw .undetermined }
    let line = plain.withFluctuation(segments, degree: 1)
    // 2 ln Λ beyond 13.8 has probability 0.1 % with two more parameters.
    let curve = StepFit(segments, degree: 2, from: line.model)
    let best =
      if let curve, curve.isPhysical,
        2 * (curve.logLikelihood - line.logLikelihood) > 13.8
      { curve } else { line }

    pulses = best.pulses
    // At the floor of the fit there is no visible noise.
    cycleToCycle = line.model.sigma > 1e-6 ? line.model.sigma : 0
    readNoise = line.model.readNoise * scale
    fluctuation = line.model.fluctuation * scale
    fluctuationKept = line.model.kept
    up = Self.polynomial(best.model, .up, centre: centre, scale: scale)
    down = Self.polynomial(best.model, .down, centre: centre, scale: scale)

    let found = Self.crossing(best.withLargestSigma(segments))
    let lineCrossing = Self.crossing(line)
    let x = (try? found.get())?.x ?? 0
    let lineX = (try? lineCrossing.get())?.x ?? x
    let stepAt = (best.model.step(.up, at: x) + best.model.step(.down, at: x)) / 2
    guard stepAt > 0 else { throw .undetermined }
    step = stepAt * scale
    states = 2 / stepAt
    gammaUp = -line.model.slope(.up, at: lineX) / line.model.step(.up, at: lineX) * (1 - lineX)
    gammaDown =
      line.model.slope(.down, at: lineX) / line.model.step(.down, at: lineX) * (lineX + 1)
    kappa = 0.5 * (best.model.slope(.down, at: x) - best.model.slope(.up, at: x)) / stepAt
    phi = 0.5 * (best.model.slope(.down, at: x) + best.model.slope(.up, at: x)) / stepAt
    switch found {
    case .success(let found):
      crossing = Estimate(
        value: centre + scale * found.x, standardError: scale * found.error, unit: "S")
      symmetryPoint = found.isPrecise ? crossing : nil
      verdict = found.isPrecise ? nil : .imprecise
    case .failure(let reason):
      crossing = nil
      symmetryPoint = nil
      verdict = reason
    }
  }

  /// ΔG₊ or |ΔG₋| at `conductance`, in siemens.
  public static func step(_ polynomial: Polynomial, at conductance: Double) -> Double {
    polynomial.reversed().reduce(0) { $0 * conductance + $1 }
  }

  // MARK: Inside

  /// The part of every branch between leaving one end of the window by `margin` weight units and
  /// approaching the other end to the same distance: nearer to a bound, the device may be clipped.
  ///
  /// These places are found from means over `smoothing` reads. Single reads would split a noisy
  /// branch into many segments, and would select reads whose noise points inwards.
  private static func segments(
    _ response: PulseResponse, centre: Double, scale: Double, margin: Double, smoothing: Int
  ) -> [Segment] {
    response.branches.compactMap { branch in
      let sign = branch.direction == .up ? 1.0 : -1.0
      let x = branch.conductances.map { ($0 - centre) / scale }
      let smooth = movingAverage(x, over: smoothing).map { sign * $0 }
      guard let begin = smooth.firstIndex(where: { $0 > margin - 1 }) else { return nil }
      let end = smooth[begin...].firstIndex { $0 > 1 - margin } ?? smooth.endIndex
      guard end - begin > 1 else { return nil }
      return Segment(direction: branch.direction, reads: Array(x[begin..<end]))
    }
  }

  /// Means over `count` neighbours, centred, with fewer at the ends.
  private static func movingAverage(_ values: [Double], over count: Int) -> [Double] {
    let sums = values.reduce(into: [0.0]) { $0.append($0[$0.count - 1] + $1) }
    return values.indices.map { index in
      let reach = min(count / 2, index, values.count - 1 - index)
      return (sums[index + reach + 1] - sums[index - reach]) / Double(2 * reach + 1)
    }
  }

  /// The crossing of the model's swords in the window, with its standard error.
  ///
  /// The crossing is the ratio of a difference and its slope. Its standard error is reliable if the
  /// slope is known to one sixth (Fieller's interval then agrees with the usual one to a tenth) and
  /// if there are enough pulses for the likelihood's asymptotic errors. Otherwise slopes that noise
  /// made too steep would appear well known and give too small an error.
  private static func crossing(
    _ fit: StepFit
  ) -> Result<(x: Double, error: Double, isPrecise: Bool), NoSymmetryPoint> {
    let model = fit.model
    func difference(_ x: Double) -> Double { model.step(.up, at: x) - model.step(.down, at: x) }
    // Whether the difference decreases over the window at all: compares its mean slope with three
    // of its standard errors.
    let gradient = StepModel.slopeGradient(.up, at: 0) - StepModel.slopeGradient(.down, at: 0)
    let slope = model.slope(.up, at: 0) - model.slope(.down, at: 0)
    let error = fit.variance(along: gradient).squareRoot()
    let step = abs(model.step(.up, at: 0) + model.step(.down, at: 0)) / 2
    // An asymmetry of less than a hundredth of a step over the window is negligible. If even half a
    // step of asymmetry could be hidden, nothing can be concluded.
    if abs(slope) < max(3 * error, 0.01 * step) {
      return .failure(3 * error < 0.5 * step ? .parallel : .hidden)
    }
    if slope > 0 { return .failure(.unstable) }
    guard difference(-1) > 0, difference(1) < 0 else { return .failure(.outside) }
    var (low, high) = (-1.0, 1.0)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if difference(middle) > 0 { low = middle } else { high = middle }
    }
    let x = (low + high) / 2
    let local = model.slope(.up, at: x) - model.slope(.down, at: x)
    let sensitivity =
      (StepModel.gradient(.down, at: x) - StepModel.gradient(.up, at: x)) * (1 / local)
    let isPrecise = abs(slope) >= 6 * error && fit.pulses >= 60
    return .success((x, fit.variance(along: sensitivity).squareRoot(), isPrecise))
  }

  /// The model's polynomial of x rewritten for G, both in siemens.
  private static func polynomial(
    _ model: StepModel, _ direction: PulseDirection, centre: Double, scale: Double
  ) -> Polynomial {
    let k = StepModel.offset(direction)
    let (a, b, c) = (model.parameters[k], model.parameters[k + 1], model.parameters[k + 2])
    let shift = centre / scale
    return [
      scale * (a - b * shift + c * shift * shift), b - 2 * c * shift, c / scale,
    ]
  }
}
