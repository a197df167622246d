import SaltireCore

extension DeviceModel {
  /// Families defined by their law.
  private enum Family: String, CaseIterable, Sendable {
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

  /// The keys that can describe a family.
  public static let familyKeys = [
    "range", "states", "asymmetry", "asymmetry_spread", "up", "down", "slope_spread", "exponent",
    "exponent_spread", "exponent_up_down", "exponent_up_down_spread", "reference",
  ]

  /// Reads a family by its law.
  static func byLaw(_ reader: Reader) -> DeviceModel {
    let range = reader.number("range", default: 1, in: 1e-3...1e3).value
    let step = 2 * range / reader.number("states", in: 2...1e9).value
    let law: Law =
      switch reader.choice("family", as: Family.self).value {
      case .linear: linear(reader)
      case .piecewise: piecewise(reader)
      case .softBounds: softBounds(reader)
      case .power: power(reader)
      }
    return DeviceModel(law: law, step: step, weightMin: -range, weightMax: range)
  }

  private static func linear(_ reader: Reader) -> Law {
    let asymmetry = reader.number("asymmetry", in: 0...1).value
    let spread = asymmetry * reader.number("asymmetry_spread", default: 0, in: 0...1).value
    // The symmetric member has constant steps rather than slopes with a spread.
    if asymmetry == 0 { return .constantStep }
    return .linearStep(
      gammaUp: asymmetry, gammaDown: asymmetry, gammaUpSpread: spread, gammaDownSpread: spread)
  }

  private static func piecewise(_ reader: Reader) -> Law {
    let up = reader.numbers("up")
    let down = reader.numbers("down")
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
    let spread = reader.number("slope_spread", default: 0, in: 0...1).value
    let reference = Reference(reader)
    if spread == 0, reference == nil { return .softBounds }
    return .softBoundsReference(
      slopeUpSpread: spread, slopeDownSpread: spread, referenceMean: reference?.mean ?? 0,
      referenceSpread: reference?.spread ?? 0,
      subtractSymmetryPoint: reference?.isSymmetryPoint ?? false)
  }

  private static func power(_ reader: Reader) -> Law {
    let exponent = reader.number("exponent", in: 0...100).value
    let spread = reader.number("exponent_spread", default: 0, in: 0...1).value
    let upDown = reader.number("exponent_up_down", default: 0, in: -1...1).value
    let upDownSpread = reader.number("exponent_up_down_spread", default: 0, in: 0...1).value
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
      guard reader.has("reference") else { return nil }
      let section = reader.section("reference")
      mean = section.number("mean", default: 0, in: -1e3...1e3).value
      spread = section.number("spread", default: 0, in: 0...1e3).value
      isSymmetryPoint = section.flag("symmetry_point", default: false).value
    }
  }
}
