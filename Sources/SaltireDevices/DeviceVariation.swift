public import SaltireCore

extension DeviceModel {
  /// Reads the variation between devices, from pulse to pulse and with time, if a section overrides
  /// that of the family.
  public mutating func readVariation(_ reader: Reader) {
    func number(_ key: String, _ value: inout Double, in range: ClosedRange<Double> = 0...1e3) {
      if reader.has(key) { value = reader.number(key, in: range).value }
    }
    number("step_spread", &stepSpread)
    if reader.has("step_spread_log_normal") {
      stepSpreadLogNormal = reader.flag("step_spread_log_normal").value
    }
    number("up_down", &upDown, in: -1...1)
    number("up_down_spread", &upDownSpread)
    number("cycle_to_cycle", &cycleToCycle)
    number("write_noise", &writeNoise)
    if reader.has("range_spread") {
      weightMaxSpread = reader.number("range_spread", in: 0...1).value
      weightMinSpread = weightMaxSpread
    }
    number("corrupt", &corruptProbability, in: 0...1)
    if reader.has("retention") {
      lifetime = reader.quantity("retention", .second, in: 1e-9...1e12).value
    }
    number("retention_spread", &lifetimeSpread, in: 0...1)
    number("rest_weight", &resetBias, in: -1e3...1e3)
    number("rest_weight_spread", &resetBiasSpread)
    for key in ["retention_spread", "rest_weight", "rest_weight_spread"]
    where reader.has(key) && lifetime == 0 {
      reader.conclude(
        Diagnostic(
          "\(key): devices without a 'retention' do not relax", at: reader.text(key).location))
    }
    number("diffusion", &diffusion)
    number("diffusion_spread", &diffusionSpread, in: 0...1)
    if reader.has("drift") {
      let section = reader.section("drift")
      drift = Drift(
        nu: section.number("exponent", in: 0...10).value,
        nuSpread: section.number("exponent_spread", default: 0, in: 0...1).value,
        t0: section.quantity("onset", .second, default: 1, in: 1e-9...1e12).value,
        offset: section.number("offset", default: 0, in: -1e3...1e3).value)
    }
  }
}
