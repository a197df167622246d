#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
public import SaltireCore

/// The parameters and the state of one device's ageing.
struct Aging: Sendable {
  /// Time constant of the relaxation, s; infinite for none.
  var timeConstant = Double.infinity
  var restingWeight = 0.0
  /// Weight units per √s.
  var diffusion = 0.0
  var drift: DeviceModel.Drift?

  /// Seconds since the weight was last programmed, as far as known.
  var age = 0.0
  /// The weight at the end of the last ageing.
  var lastWeight = 0.0

  var isNeeded: Bool { timeConstant < .infinity || diffusion > 0 || drift != nil }

  /// The power-law factor after `age` seconds.
  static func factor(_ drift: DeviceModel.Drift, age: Double) -> Double {
    pow(max(age / drift.t0, 1), -drift.nu)
  }
}

/// Boxed, because most devices of most arrays do not age.
indirect enum AgingState: Sendable {
  case ageless
  case ageing(Aging)
}

extension Device {
  /// Advances time by `duration` seconds without a pulse.
  ///
  /// In this order, each only if the model has it:
  /// * drift: w ← (w + a)·f(t+Δt)/f(t) − a with f(t) = max(t/t₀, 1)^−ν, t the time since the last
  ///   pulse. Without other ageing this is w₀·f(t), aihwkit's weight_drifter.cpp, but the clock
  ///   starts with the pulse and not with the first ageing after it;
  /// * retention: w ← w∞ + (w − w∞)e^{−Δt/τ}. aihwkit's decay of one call, 1 − α/lifetime, is its
  ///   first order with α/lifetime = Δt/τ, so a lifetime in calls corresponds to one in seconds
  ///   through the duration of a call;
  /// * diffusion: w ← w + rate·√Δt·ξ, aihwkit's diffusion with one call a second.
  ///
  /// Then the weight is clipped to the bounds. Write noise does not change. Draws one normal
  /// deviate with diffusion, otherwise none. A duration that is not positive changes nothing.
  public mutating func elapse(_ duration: Double, random: inout RandomStream) {
    guard duration > 0, case .ageing(var aging) = aging else { return }
    let before = stored
    var w = stored
    if let drift = aging.drift {
      if abs(w - aging.lastWeight) > drift.resetTolerance { aging.age = 0 }
      let later = aging.age + duration
      let ratio = Aging.factor(drift, age: later) / Aging.factor(drift, age: aging.age)
      w = (w + drift.offset) * ratio - drift.offset
      aging.age = later
    }
    if aging.timeConstant < .infinity {
      let kept = aging.timeConstant > 0 ? exp(-duration / aging.timeConstant) : 0
      w = aging.restingWeight + (w - aging.restingWeight) * kept
    }
    if aging.diffusion > 0 { w += aging.diffusion * duration.squareRoot() * random.normal() }
    stored = min(max(w + reference, low), high) - reference
    apparentWeight += stored - before
    aging.lastWeight = stored
    self.aging = .ageing(aging)
  }

  /// The state of an ageing device besides its weight.
  public struct History: Sendable, Equatable {
    /// Seconds since the weight was last programmed, as far as known.
    public var age: Double
    /// The weight at the end of the last ageing.
    public var lastWeight: Double

    public init(age: Double, lastWeight: Double) {
      self.age = age
      self.lastWeight = lastWeight
    }
  }

  /// The state to save and restore; nil for a device that does not age, and then setting it has no
  /// effect.
  public var history: History? {
    get {
      guard case .ageing(let aging) = aging else { return nil }
      return History(age: aging.age, lastWeight: aging.lastWeight)
    }
    set {
      guard case .ageing(var aging) = aging, let newValue else { return }
      aging.age = newValue.age
      aging.lastWeight = newValue.lastWeight
      self.aging = .ageing(aging)
    }
  }
}
