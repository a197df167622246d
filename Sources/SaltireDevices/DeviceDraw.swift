#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
public import SaltireCore

extension DeviceModel {
  /// Draws one device.
  ///
  /// The order of the draws is part of the contract: upper bound, lower
  /// bound, gain, up-down difference, whether corrupt (uniform) and if so where
  /// (uniform), diffusion, resting weight, the lifetime when there is one; then
  /// the law's own parameters, the reference last (the linear step's slopes up
  /// before down, soft bounds' down before up, a power's gain before its
  /// up-down difference), then the drift exponent when there is drift. Every
  /// deviate not marked "when" is drawn even if its spread is 0, so switching a
  /// spread on leaves the other parameters of a device as they were (aihwkit
  /// rpu_pulsed_device.cpp, `populate`).
  ///
  /// - Precondition: `weightMin` ≤ 0 ≤ `weightMax`.
  public func draw(_ random: inout RandomStream) -> Device {
    precondition(weightMin <= 0 && weightMax >= 0, "the weight range must contain 0")
    var parameters = drawBase(&random)
    let aging = drawAging(&random)
    drawLaw(&parameters, &random)
    return Device(parameters: parameters, aging: drawDrift(aging, &random))
  }

  private func drawBase(_ random: inout RandomStream) -> Device.Parameters {
    var high = weightMax * (1 + weightMaxSpread * random.normal())
    var low = weightMin * (1 + weightMinSpread * random.normal())
    let deviation = stepSpread * random.normal()
    let gain = stepSpreadLogNormal ? exp(deviation) : 1 + deviation
    let difference = upDownSpread * random.normal()
    let bias = Self.biases(of: upDown)
    // Whatever was drawn, steps have the sign of their direction, and bounds are on their own side.
    var scaleUp = abs((bias.up + gain + difference) * step)
    var scaleDown = abs((bias.down + gain - difference) * step)
    if low > high { swap(&low, &high) }
    high = abs(high)
    low = -abs(low)
    if corruptProbability > random.uniform() {
      low = random.uniform(low, high)
      high = low
      scaleUp = 0
      scaleDown = 0
    }
    var parameters = Device.Parameters(
      low: low, high: high, scaleUp: scaleUp, scaleDown: scaleDown)
    parameters.cycleToCycle = cycleToCycle
    parameters.multiplicativeNoise = multiplicativeNoise
    parameters.writeNoise = law.hasWriteNoise ? writeNoise * step : 0
    return parameters
  }

  private func drawLaw(_ device: inout Device.Parameters, _ random: inout RandomStream) {
    switch law {
    case .constantStep:
      // Its noise is relative to the step, which is the same everywhere.
      device.multiplicativeNoise = true
    case .linearStep(
      let gammaUp, let gammaDown, let gammaUpSpread, let gammaDownSpread,
      let meanBoundReference, let allowIncreasing):
      var up = gammaUp + gammaUpSpread * random.normal()
      var down = gammaDown + gammaDownSpread * random.normal()
      if !allowIncreasing {
        up = abs(up)
        down = abs(down)
      }
      let boundUp = meanBoundReference ? weightMax : device.high
      let boundDown = meanBoundReference ? weightMin : device.low
      device.slopeUp = boundUp == 0 ? 0 : -up * device.scaleUp / boundUp
      device.slopeDown = boundDown == 0 ? 0 : -down * device.scaleDown / boundDown
    case .softBounds:
      device.slopeUp = device.high == 0 ? 0 : -device.scaleUp / device.high
      device.slopeDown = device.low == 0 ? 0 : -device.scaleDown / device.low
    case .softBoundsReference(
      let slopeUpSpread, let slopeDownSpread, let mean, let spread, let subtract):
      drawSoftBounds(&device, up: slopeUpSpread, down: slopeDownSpread, &random)
      device.reference = mean + spread * random.normal()
      if subtract, device.high > 0, device.low < 0 {
        let closing = device.slopeDown - device.slopeUp
        if closing != 0 { device.reference += (device.scaleUp - device.scaleDown) / closing }
      }
    case .expStep(
      let a, let b, let amplitudeUp, let amplitudeDown, let gammaUp, let gammaDown,
      let noiseOffset, let noiseSlope):
      device.shape = .exponential(
        .init(
          a: a, b: b, amplitudeUp: amplitudeUp, amplitudeDown: amplitudeDown,
          gammaUp: gammaUp, gammaDown: gammaDown,
          noiseOffset: noiseOffset, noiseSlope: noiseSlope))
    case .powStep(let gamma, let spread, let upDown, let upDownSpread):
      device.shape = drawPower(gamma, spread, upDown, upDownSpread, &random).shape
    case .powStepReference(
      let gamma, let spread, let upDown, let upDownSpread,
      let mean, let referenceSpread, let subtract):
      let power = drawPower(gamma, spread, upDown, upDownSpread, &random)
      device.shape = power.shape
      device.reference = mean + referenceSpread * random.normal()
      if subtract, device.high > 0, device.low < 0 {
        device.reference += Self.settledPoint(of: device, power.gammaUp, power.gammaDown)
      }
    case .piecewiseStep(let up, let down):
      precondition(
        !up.isEmpty && up.count == down.count,
        "a piecewise step needs equally many up and down nodes, at least 1")
      device.shape = .piecewise(up: up, down: down)
    }
  }

  /// Soft bounds whose slopes vary between devices: the bound moves, the step
  /// at 0 stays.
  private func drawSoftBounds(
    _ device: inout Device.Parameters, up: Double, down: Double, _ random: inout RandomStream
  ) {
    if device.high > 0, device.low < 0 {
      // Down first, as in the published model.
      device.low /= abs(1 + down * random.normal())
      device.high /= abs(1 + up * random.normal())
    }
    device.slopeUp = device.high > 0 ? -device.scaleUp / device.high : 0
    device.slopeDown = device.low < 0 ? -device.scaleDown / device.low : 0
  }

  private func drawPower(
    _ gamma: Double, _ spread: Double, _ upDown: Double, _ upDownSpread: Double,
    _ random: inout RandomStream
  ) -> (shape: DeviceShape, gammaUp: Double, gammaDown: Double) {
    let gain = 1 + spread * random.normal()
    let difference = upDownSpread * random.normal()
    let bias = Self.biases(of: upDown)
    let up = abs((bias.up + gain + difference) * gamma)
    let down = abs((bias.down + gain - difference) * gamma)
    return (.power(gammaUp: up, gammaDown: down), up, down)
  }

  /// The weight that alternating noise-free pulses reach from 0 on a power-step device: the
  /// published estimate of its symmetry point, with the same number of steps.
  private static func settledPoint(
    of device: Device.Parameters, _ gammaUp: Double, _ gammaDown: Double
  ) -> Double {
    let range = device.high - device.low
    let smaller = min(abs(device.scaleUp), abs(device.scaleDown))
    let count = Int(min((10 * range / smaller).rounded(), 10_000))
    var point = 0.0
    for _ in 0..<count {
      point +=
        device.scaleUp * pow(max(device.high - point, 0) / range, gammaUp)
        - device.scaleDown * pow(max(point - device.low, 0) / range, gammaDown)
    }
    return point
  }

  private func drawAging(_ random: inout RandomStream) -> Aging {
    var aging = Aging()
    aging.diffusion = abs(diffusion * (1 + diffusionSpread * random.normal()))
    aging.restingWeight = resetBias + resetBiasSpread * random.normal()
    if lifetime > 0 {
      aging.timeConstant = max(lifetime * (1 + lifetimeSpread * random.normal()), 0)
    }
    return aging
  }

  private func drawDrift(_ aging: Aging, _ random: inout RandomStream) -> Aging? {
    var aging = aging
    if let drift {
      aging.drift = drift
      aging.drift?.nu = drift.nu * (1 + drift.nuSpread * random.normal())
    }
    return aging.isNeeded ? aging : nil
  }
}
