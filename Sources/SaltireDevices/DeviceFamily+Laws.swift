package import SaltireCore

/// The keys of families that are told by their law.
private enum LawKeys {
  static let family = Key<DeviceModel.Family>.choice(
    "family", absent: DeviceModel.Keys.other, "A law, with the keys below.")
  static let range = Key.number(
    "range", in: 1e-3...1e3, default: 1, when: "with `family`",
    "Weights reach from −range to range.")
  static let asymmetry = Key.number(
    "asymmetry", in: 0...1, when: linear, "What the step loses at the bounds.")
  static let asymmetrySpread = Key.number(
    "asymmetry_spread", in: 0...1, default: 0, when: linear, "Relative spread of `asymmetry`.")
  static let up = Key.numbers(
    "up", when: piecewise,
    "Potentiation steps at the nodes, from the lower end of the range on, in mean steps.")
  static let down = Key.numbers("down", when: piecewise, "Depression steps, as many.")
  static let slopeSpread = Key.number(
    "slope_spread", in: 0...1, default: 0, when: "with `family: soft-bounds`",
    "Relative spread of the slopes.")
  static let exponent = Key.number(
    "exponent", in: 0...100, when: power, "The power of the distance to the bound.")
  static let exponentSpread = Key.number(
    "exponent_spread", in: 0...1, default: 0, when: power, "Spread of `exponent`.")
  static let exponentUpDown = Key.number(
    "exponent_up_down", in: -1...1, default: 0, when: power,
    "Asymmetry of the exponent between up and down.")
  static let exponentUpDownSpread = Key.number(
    "exponent_up_down_spread", in: 0...1, default: 0, when: power, "Spread of `exponent_up_down`.")
  static let reference = SectionKey(
    "reference", absent: "none", when: "with `family: soft-bounds` or `power`",
    "A second device that the weight is read against.", [mean, spread, symmetryPoint])
  static let mean = Key.number("mean", in: -1e3...1e3, default: 0, "Its mean weight.")
  static let spread = Key.number(
    "spread", in: 0...1e3, default: 0, "Spread of its weight between devices.")
  static let symmetryPoint = Key.flag(
    "symmetry_point", default: false,
    "Whether `mean` and `spread` are its distance from the device's own symmetry point.")

  private static let linear = "with `family: linear`"
  private static let piecewise = "with `family: piecewise`"
  private static let power = "with `family: power`"
}

extension DeviceModel {
  /// Families defined by their law.
  fileprivate enum Family: String, CaseIterable, Sendable {
    /// Steps that decrease linearly: q± = 1 ∓ κ′ w/range.
    case linear
    /// Steps at nodes spread over the range.
    case piecewise
    /// Steps that decrease linearly and vanish at the device's own bounds.
    case softBounds = "soft-bounds"
    /// Steps that follow a power of the distance to the bound.
    case power
  }

  static let familyNames = Family.allCases.map(\.rawValue)

  package static let familyKey: any DeclaredKey = LawKeys.family

  /// What describes a family, with its name.
  package static let familyKeys: [any DeclaredKey] = [
    familyKey, Keys.states, LawKeys.range, LawKeys.asymmetry, LawKeys.asymmetrySpread, LawKeys.up,
    LawKeys.down, LawKeys.slopeSpread, LawKeys.exponent, LawKeys.exponentSpread,
    LawKeys.exponentUpDown, LawKeys.exponentUpDownSpread, LawKeys.reference,
  ]

  /// Reads a family by its law.
  static func byLaw(_ reader: Reader) -> DeviceModel {
    let range = reader[LawKeys.range].value
    let step = 2 * range / reader[Keys.states].value
    let law: Law =
      switch reader[LawKeys.family].value {
      case .linear: linear(reader)
      case .piecewise: piecewise(reader)
      case .softBounds: softBounds(reader)
      case .power: power(reader)
      }
    return DeviceModel(law: law, step: step, weightMin: -range, weightMax: range)
  }

  private static func linear(_ reader: Reader) -> Law {
    let asymmetry = reader[LawKeys.asymmetry].value
    let spread = asymmetry * reader[LawKeys.asymmetrySpread].value
    // The symmetric member has constant steps rather than slopes with a spread.
    if asymmetry == 0 { return .constantStep }
    return .linearStep(
      gammaUp: asymmetry, gammaDown: asymmetry, gammaUpSpread: spread, gammaDownSpread: spread)
  }

  private static func piecewise(_ reader: Reader) -> Law {
    let up = reader[LawKeys.up]
    let down = reader[LawKeys.down]
    if up.value.count != down.value.count || up.value.isEmpty {
      reader.conclude(
        Diagnostic(
          "\(up.value.count) 'up' nodes but \(down.value.count) 'down' nodes", at: down.location,
          hints: ["give equally many for both, from the lower end of the range to the upper"]))
      return .constantStep
    }
    return .piecewiseStep(up: up.value, down: down.value)
  }

  private static func softBounds(_ reader: Reader) -> Law {
    let spread = reader[LawKeys.slopeSpread].value
    let reference = Reference(reader)
    if spread == 0, reference == nil { return .softBounds }
    return .softBoundsReference(
      slopeUpSpread: spread, slopeDownSpread: spread, referenceMean: reference?.mean ?? 0,
      referenceSpread: reference?.spread ?? 0,
      subtractSymmetryPoint: reference?.isSymmetryPoint ?? false)
  }

  private static func power(_ reader: Reader) -> Law {
    let exponent = reader[LawKeys.exponent].value
    let spread = reader[LawKeys.exponentSpread].value
    let upDown = reader[LawKeys.exponentUpDown].value
    let upDownSpread = reader[LawKeys.exponentUpDownSpread].value
    guard let reference = Reference(reader) else {
      return .powStep(
        gamma: exponent, gammaSpread: spread, gammaUpDown: upDown,
        gammaUpDownSpread: upDownSpread)
    }
    return .powStepReference(
      gamma: exponent, gammaSpread: spread, gammaUpDown: upDown,
      gammaUpDownSpread: upDownSpread, referenceMean: reference.mean,
      referenceSpread: reference.spread, subtractSymmetryPoint: reference.isSymmetryPoint)
  }

  /// The reference device of a device.
  private struct Reference {
    let mean: Double
    let spread: Double
    let isSymmetryPoint: Bool

    /// Reads a `reference` section; nil without one.
    init?(_ reader: Reader) {
      guard let section = reader.optional(LawKeys.reference) else { return nil }
      mean = section[LawKeys.mean].value
      spread = section[LawKeys.spread].value
      isSymmetryPoint = section[LawKeys.symmetryPoint].value
    }
  }
}
