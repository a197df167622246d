import SaltireDevices

/// A family of every law, with spread and noise, whose devices see bounds,
/// symmetry points and stuck neighbours within some thousand pulses.
enum Models {
  static let names = [
    "constant", "linear", "linear additive", "soft bounds", "soft bounds reference",
    "exponential", "exponential noise", "power", "power reference", "piecewise",
  ]

  static func named(_ name: String) -> DeviceModel {
    var model =
      switch name {
      case "constant": DeviceModel(law: .constantStep, step: 0.01)
      case "linear", "linear additive":
        DeviceModel(
          law: .linearStep(
            gammaUp: 0.4, gammaDown: 0.7, gammaUpSpread: 0.05, gammaDownSpread: 0.05),
          step: 0.01)
      case "soft bounds": DeviceModel(law: .softBounds, step: 0.01)
      case "soft bounds reference":
        DeviceModel(
          law: .softBoundsReference(
            slopeUpSpread: 0.1, slopeDownSpread: 0.1, referenceMean: 0.1, referenceSpread: 0.05,
            subtractSymmetryPoint: true), step: 0.01)
      case "exponential", "exponential noise":
        DeviceModel(
          law: .expStep(
            a: -0.5, b: -0.5, amplitudeUp: -1.18445, amplitudeDown: -0.081404, gammaUp: 5,
            gammaDown: 5, noiseOffset: name == "exponential" ? 0 : 0.01,
            noiseSlope: name == "exponential" ? 0 : 0.02), step: 0.004)
      case "power": DeviceModel(law: .powStep(gamma: 1.5, gammaSpread: 0.1), step: 0.02)
      case "power reference":
        DeviceModel(
          law: .powStepReference(
            gamma: 1.5, gammaSpread: 0.1, referenceMean: 0.1, referenceSpread: 0.05),
          step: 0.02)
      default:
        DeviceModel(
          law: .piecewiseStep(up: [1.5, 1.2, 1, 0.8, 0.2], down: [0.1, 0.7, 1, 1.1, 1.6]),
          step: 0.01)
      }
    model.stepSpread = 0.1
    model.upDownSpread = 0.01
    model.weightMaxSpread = 0.1
    model.weightMinSpread = 0.1
    model.cycleToCycle = 0.3
    model.multiplicativeNoise = name != "linear additive" && name != "soft bounds reference"
    model.writeNoise = 2
    model.corruptProbability = 0.02
    return model
  }
}
