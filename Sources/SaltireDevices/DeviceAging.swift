#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
public import SaltireCore

/// What time does to one device, and since when.
struct Aging: Sendable {
  /// Time constant of the relaxation, s; infinite for none.
  var timeConstant = Double.infinity
  var restingWeight = 0.0
  /// Weight units per √s.
  var diffusion = 0.0
  var drift: DeviceModel.Drift?

  /// Seconds since the weight was last programmed, as far as is known.
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
  /// Lets `duration` seconds pass without a pulse.
  ///
  /// In this order, each only where the model has it:
  /// * drift: w ← (w + a)·f(t+Δt)/f(t) − a with f(t) = max(t/t₀, 1)^−ν, t the
  ///   time since the last pulse. Without other ageing this is w₀·f(t),
  ///   aihwkit's weight_drifter.cpp, but the clock starts with the pulse and
  ///   not with the first ageing after it;
  /// * retention: w ← w∞ + (w − w∞)e^{−Δt/τ}. aihwkit's decay of one call,
  ///   1 − α/lifetime, is its first order with α/lifetime = Δt/τ, so a
  ///   lifetime in calls becomes one in seconds by the seconds a call stands
  ///   for;
  /// * diffusion: w ← w + rate·√Δt·ξ, aihwkit's diffusion with one call a
  ///   second.
  ///
  /// Then the weight is clipped to the bounds. Write noise stays as the last
  /// pulse left it. Draws one normal deviate with diffusion, else none. A
  /// duration that is not positive changes nothing.
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

  /// What a device that ages remembers of its past besides its weight.
  public struct History: Sendable, Equatable {
    /// Seconds since the weight was last programmed, as far as is known.
    public var age: Double
    /// The weight at the end of the last ageing.
    public var lastWeight: Double

    public init(age: Double, lastWeight: Double) {
      self.age = age
      self.lastWeight = lastWeight
    }
  }

  /// To put down and take up a device's state; nil, and set without effect, of
  /// a device that does not age.
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
