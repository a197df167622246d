public import SaltireCore

/// How devices differ and age; without a key the value is the family's.
private enum VariationKeys {
  static let stepSpread = spread("step_spread", "Relative spread of the mean step between devices.")
  static let stepSpreadLogNormal = Key.flag(
    "step_spread_log_normal", absent: family, "Whether the logarithm of the step is drawn.")
  static let upDown = spread(
    "up_down", in: -1...1,
    "How much smaller depression steps are than potentiation steps, in steps.")
  static let upDownSpread = spread("up_down_spread", "Spread of `up_down` between devices.")
  static let cycleToCycle = spread(
    "cycle_to_cycle", "Spread of one step from pulse to pulse, in mean steps.")
  static let writeNoise = spread(
    "write_noise", "Noise of the apparent weight after a pulse, in steps.")
  static let rangeSpread = spread("range_spread", in: 0...1, "Relative spread of both bounds.")
  static let corrupt = spread("corrupt", in: 0...1, "Probability of a device that is stuck.")
  static let retention = Key.quantity(
    "retention", .second, in: 1e-9...1e12, absent: family, "Time constant of the relaxation.")
  static let retentionSpread = spread(
    "retention_spread", in: 0...1, when: "with `retention`", "Relative spread of `retention`.")
  static let restWeight = spread(
    "rest_weight", in: -1e3...1e3, when: "with `retention`", "Weight that devices relax to.")
  static let restWeightSpread = spread(
    "rest_weight_spread", when: "with `retention`", "Spread of `rest_weight` between devices.")
  static let diffusion = spread("diffusion", "Random walk of the weight, weight units per √s.")
  static let diffusionSpread = spread(
    "diffusion_spread", in: 0...1, "Relative spread of `diffusion`.")
  static let drift = SectionKey(
    "drift", absent: family, "How the weight falls after the last pulse.",
    [exponent, exponentSpread, onset, offset])
  static let exponent = Key.number(
    "exponent", in: 0...10,
    "The weight plus `offset` falls as this power of the time since the last pulse.")
  static let exponentSpread = Key.number(
    "exponent_spread", in: 0...1, default: 0, "Spread of the exponent between devices.")
  static let onset = Key.quantity(
    "onset", .second, in: 1e-9...1e12, default: 1, "Time after a pulse at which drift begins.")
  static let offset = Key.number(
    "offset", in: -1e3...1e3, default: 0, "Weight units above which the drift is counted.")

  private static let family = "of the family"

  private static func spread(
    _ name: String, in range: ClosedRange<Double> = 0...1e3, when condition: String? = nil,
    _ meaning: String
  ) -> Key<Double> {
    .number(name, in: range, absent: family, when: condition, meaning)
  }
}

extension DeviceModel {
  /// The keys of ``readVariation(_:)``.
  static let variationKeys: [any DeclaredKey] = [
    VariationKeys.stepSpread, VariationKeys.stepSpreadLogNormal, VariationKeys.upDown,
    VariationKeys.upDownSpread, VariationKeys.rangeSpread,
    VariationKeys.corrupt, VariationKeys.cycleToCycle, VariationKeys.writeNoise,
    VariationKeys.retention, VariationKeys.retentionSpread,
    VariationKeys.restWeight, VariationKeys.restWeightSpread, VariationKeys.diffusion,
    VariationKeys.diffusionSpread, VariationKeys.drift,
  ]

  /// Reads the variation between devices, from pulse to pulse and with time, if a section overrides
  /// that of the family.
  public mutating func readVariation(_ reader: Reader) {
    func read<Value>(_ key: Key<Value>, _ value: inout Value) {
      if let found = reader.optional(key) { value = found.value }
    }
    read(VariationKeys.stepSpread, &stepSpread)
    read(VariationKeys.stepSpreadLogNormal, &stepSpreadLogNormal)
    read(VariationKeys.upDown, &upDown)
    read(VariationKeys.upDownSpread, &upDownSpread)
    read(VariationKeys.cycleToCycle, &cycleToCycle)
    read(VariationKeys.writeNoise, &writeNoise)
    if let spread = reader.optional(VariationKeys.rangeSpread)?.value {
      weightMaxSpread = spread
      weightMinSpread = spread
    }
    read(VariationKeys.corrupt, &corruptProbability)
    read(VariationKeys.retention, &lifetime)
    read(VariationKeys.retentionSpread, &lifetimeSpread)
    read(VariationKeys.restWeight, &resetBias)
    read(VariationKeys.restWeightSpread, &resetBiasSpread)
    for key in [
      VariationKeys.retentionSpread, VariationKeys.restWeight, VariationKeys.restWeightSpread,
    ]
    where reader.has(key) && lifetime == 0 {
      reader.conclude(
        Diagnostic(
          "\(key.name): devices without a 'retention' do not relax",
          at: reader.location(of: key)))
    }
    read(VariationKeys.diffusion, &diffusion)
    read(VariationKeys.diffusionSpread, &diffusionSpread)
    if let section = reader.optional(VariationKeys.drift) {
      drift = Drift(
        nu: section[VariationKeys.exponent].value,
        nuSpread: section[VariationKeys.exponentSpread].value,
        t0: section[VariationKeys.onset].value, offset: section[VariationKeys.offset].value)
    }
  }
}
