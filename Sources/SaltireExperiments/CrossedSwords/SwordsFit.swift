import SaltireAnalysis
import SaltireDevices

/// What is drawn of the analysis of crossed swords.
struct SwordsFit: Sendable {
  var window: CrossedSwords.Window
  var symmetryPoint: Estimate?
  /// ΔG₊ and |ΔG₋| at a conductance.
  var up: @Sendable (Double) -> Double
  var down: @Sendable (Double) -> Double
  var cycleToCycle: Double
  var readNoise: Double
  var fluctuation = 0.0
  var fluctuationKept = 0.0

  init(_ swords: CrossedSwords) {
    window = swords.window
    symmetryPoint = swords.symmetryPoint
    up = { CrossedSwords.step(swords.up, at: $0) }
    down = { CrossedSwords.step(swords.down, at: $0) }
    cycleToCycle = swords.cycleToCycle
    readNoise = swords.readNoise
    fluctuation = swords.fluctuation
    fluctuationKept = swords.fluctuationKept
  }

  init(_ estimate: DeviceEstimate, symmetryPoint: Estimate?) {
    window = CrossedSwords.Window(
      min: estimate.window.lowerBound, max: estimate.window.upperBound)
    self.symmetryPoint = symmetryPoint
    up = { estimate.step(.up, at: $0) }
    down = { estimate.step(.down, at: $0) }
    cycleToCycle = estimate.cycleToCycle.value
    readNoise = estimate.readNoise.value
  }
}
