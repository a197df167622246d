#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The size of the step by a gate pulse relative to a nominal step, from its voltage and width.
///
/// The ion current over a barrier is proportional to the hyperbolic sine of the field and acts for
/// the pulse width, so a step is taken as (t/t_nominal)·sinh(|V|/V₀)/sinh(V_nominal/V₀), with V₀
/// set by the selectivity, the figure of merit of half-select schemes (Gokmen & Vlasov 2016 require
/// a factor of at least 10).
public struct GateResponse: Sendable, Equatable {
  /// Magnitude of the nominal pulse, V.
  public var voltage: Double
  /// Width of the nominal pulse, s.
  public var width: Double
  /// Step at the nominal voltage over the step at half of it, ≥ 2; 2 is a
  /// response proportional to the voltage.
  public var selectivity: Double
  /// Whether half-select pulses (half the nominal voltage or less) move the device at all.
  public var disturb: Bool

  /// A response to pulses of nominally `voltage` volts and `width` seconds.
  public init(voltage: Double, width: Double, selectivity: Double, disturb: Bool = false) {
    precondition(voltage > 0 && width > 0, "the nominal pulse must have a voltage and a width")
    precondition(selectivity >= 2, "a hyperbolic sine has a selectivity of at least 2")
    self.voltage = voltage
    self.width = width
    self.selectivity = selectivity
    self.disturb = disturb
  }

  /// The step of a pulse of `voltage` volts (the sign only gives the direction) and `width`
  /// seconds, in nominal steps: ≥ 0, and exactly 1 for the nominal pulse.
  public func scale(voltage: Double, width: Double) -> Double {
    let magnitude = abs(voltage)
    guard magnitude > 0, width > 0 else { return 0 }
    if !disturb, magnitude <= self.voltage / 2 * (1 + Self.halfSelectTolerance) { return 0 }
    return min(width / self.width * amplitude(magnitude), .greatestFiniteMagnitude)
  }

  private func amplitude(_ magnitude: Double) -> Double {
    guard selectivity > 2 else { return magnitude / voltage }
    let unit = voltage / (2 * acosh(selectivity / 2))
    let x = magnitude / unit
    let nominal = voltage / unit
    // sinh x / sinh x_nominal without overflow of either.
    let ratio = exp(x - nominal) * expm1(-2 * x) / expm1(-2 * nominal)
    return min(ratio, .greatestFiniteMagnitude)
  }

  /// Half voltages from different converters are rarely exactly equal.
  private static let halfSelectTolerance = 1e-9
}
