import Foundation
import SaltireCore
public import SaltireDevices

/// A quantity with its 95 % interval.
public struct Interval: Sendable, Equatable, Codable {
  /// The median of what the reads allow.
  public var value: Double
  /// −∞ if the interval is open.
  public var low: Double
  /// +∞ if the interval is open.
  public var high: Double

  /// Half the length.
  public var halfLength: Double { (high - low) / 2 }
}

/// What the reads of a pulse response tell about a device.
///
/// The mean steps up and down are smooth positive functions of the conductance, as flexible as the
/// reads support: quadratic B-splines whose smoothing, like the noises, has the largest marginal
/// likelihood. Cycle-to-cycle noise is permanent, read noise is not (a Kalman filter through each
/// cycle and its turn). All intervals are from one set of draws from the posterior, in which
/// smoothing and noises are uncertain too. Imprecise reads give long intervals, open ones if
/// necessary.
public struct DeviceEstimate: Sendable {
  /// The range that the pulses covered, in the unit of the reads.
  public let window: ClosedRange<Double>
  /// Where both steps are equal and alternating pulses lead to; nil if nothing is known of it.
  public let symmetryPoint: Interval?
  /// Crossings that alternating pulses lead away from.
  public let unstableCrossings: [Double]
  /// Why there is no symmetry point.
  public let verdict: NoSymmetryPoint?
  /// The mean step at the symmetry point, or at the middle of the window.
  public let step: Interval
  /// The window in such steps.
  public let states: Interval
  /// Decrease of the up step from the symmetry point to the upper end of the window, relative to the
  /// step there.
  public let gammaUp: Interval
  /// Decrease of the down step from the symmetry point to the lower end.
  public let gammaDown: Interval
  /// ½(γ_up/w_max + γ_down/|w_min|), per half of the window.
  public let kappa: Interval
  /// Standard deviation of a step relative to its mean.
  public let cycleToCycle: Interval
  /// Standard deviation of a read, in the unit of the reads.
  public let readNoise: Interval
  /// What the estimate does not describe; empty for nearly all devices that it does.
  public let misfits: [Misfit]
  /// The number of pulses.
  public let pulses: Int

  private let path: PulsePath
  private let best: ConditionalFit

  /// The mean step of one direction at a conductance, in the unit of the reads.
  public func step(_ direction: PulseDirection, at conductance: Double) -> Double {
    best.curves[direction].step(at: (conductance - path.centre) / path.scale) * path.scale
  }

  /// The largest cycle-to-cycle noise of a device.
  private static let mostNoise = 1.5
  /// The share of the window that both directions must cover.
  private static let leastShare = 0.15

  /// Estimates the device that gave a response.
  ///
  /// - Throws: ``NoSymmetryPoint/undetermined`` if there are fewer than five pulses in a direction, or
  ///   pulses do not move the conductance in their direction; ``NoSymmetryPoint/unresponsive`` if
  ///   no pulse had an effect; ``NoSymmetryPoint/abrupt`` if one crosses more than 70 % of the
  ///   window; ``NoSymmetryPoint/apart`` if both directions have less than 15 % of it in common.
  public init(_ response: PulseResponse) throws(NoSymmetryPoint) {
    guard response.isResponsive else { throw .unresponsive }
    guard let path = PulsePath(response), let start = StepCurves.start(for: path) else {
      throw .undetermined
    }
    guard !path.isAbrupt else { throw .abrupt }
    let fitter = ConditionalFitter(path, like: start.curves, noises: start.noises)
    let (up, down) = (start.curves.up.basis, start.curves.down.basis)
    // In halves of the window.
    guard min(up.high, down.high) - max(up.low, down.low) > 2 * Self.leastShare else {
      throw .apart
    }
    guard let best = fitter.mostProbable(from: start.curves, noises: start.noises) else {
      throw .undetermined
    }
    self.path = path
    self.best = best
    pulses = path.reads.count - 1
    // Steps whose noise exceeds them by far are not steps: the reads drift.
    let drifts = best.sigma > Self.mostNoise
    misfits =
      drifts ? [.successive] : FitTest(path, innovations: fitter.innovations(of: best)).misfits
    let (centre, scale) = (path.centre, path.scale)
    window = (centre - scale)...(centre + scale)
    var random = RandomStream(seed: 1, name: "device estimate")
    let draws = PosteriorDraws(around: best, by: fitter, random: &random)

    func interval(_ quantity: (PosteriorDraws.Draw) -> Double) -> Interval {
      let three = draws.quantiles([0.5, 0.025, 0.975], of: quantity)
      return Interval(value: three[0], low: three[1], high: three[2])
    }
    let crossings = Crossings(best.curves)
    let found = interval { $0.crossings.stable(nearest: crossings.middle) }
    unstableCrossings = crossings.unstable.map { centre + scale * $0 }
    if drifts {
      (symmetryPoint, verdict) = (nil, nil)
    } else if found.low.isFinite || found.high.isFinite {
      symmetryPoint = Interval(
        value: centre + scale * found.value, low: centre + scale * found.low,
        high: centre + scale * found.high)
      verdict = found.value.isFinite ? nil : .outside
    } else {
      symmetryPoint = nil
      let unstable = draws.share {
        $0.crossings.stable.isEmpty && !$0.crossings.unstable.isEmpty
      }
      verdict = unstable > 0.5 ? .unstable : found.low == found.high ? .outside : .hidden
    }
    let x = found.value.isFinite ? min(max(found.value, -1), 1) : 0
    func place(_ draw: PosteriorDraws.Draw) -> Double {
      let own = draw.crossings.stable(nearest: x)
      return own.isFinite ? own : x
    }
    func gamma(_ draw: PosteriorDraws.Draw, _ direction: PulseDirection, to end: Double) -> Double {
      let curve = draw.curves[direction]
      return 1 - curve.step(at: end) / curve.step(at: place(draw))
    }
    step = interval {
      scale * ($0.curves.up.step(at: place($0)) + $0.curves.down.step(at: place($0))) / 2
    }
    states = interval {
      4 / ($0.curves.up.step(at: place($0)) + $0.curves.down.step(at: place($0)))
    }
    gammaUp = interval { gamma($0, .up, to: 1) }
    gammaDown = interval { gamma($0, .down, to: -1) }
    kappa = interval { draw in
      let x = place(draw)
      return 0.5 * (gamma(draw, .up, to: 1) / (1 - x) + gamma(draw, .down, to: -1) / (1 + x))
    }
    cycleToCycle = interval { exp($0.noises[2]) }
    readNoise = interval { scale * exp($0.noises[3]) }
  }
}
