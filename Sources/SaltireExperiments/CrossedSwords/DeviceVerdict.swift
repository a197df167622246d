public import SaltireAnalysis
import SaltireCore

/// Why nothing, or less than was asked for, is known of a device's symmetry point.
public enum DeviceVerdict: Verdict {
  case noSymmetryPoint(reason: NoSymmetryPoint)
  /// Zero-shifting needs more pairs than it may use.
  case tooFewPairs(needed: Int)
  /// Zero-shifting has used all pairs that it may and has not converged.
  case notConverged(pairs: Int)
  /// As an earlier version recorded it.
  case inWords(text: String)

  public var text: String {
    switch self {
    case .noSymmetryPoint(let reason): reason.text
    case .tooFewPairs(let needed):
      "zero-shifting needs at least \(needed) pairs, more than are allowed"
    case .notConverged(let pairs): "zero-shifting has not converged after \(pairs) pairs"
    case .inWords(let text): text
    }
  }
}

extension NoSymmetryPoint {
  var text: String {
    switch self {
    case .parallel:
      "no symmetry point: up and down steps stay in the same proportion over the range covered"
    case .outside: "no symmetry point: the swords do not cross in the range covered"
    case .unstable:
      "no symmetry point: the swords cross the wrong way; alternating pulses drive the device away"
    case .hidden:
      "no symmetry point found: noise hides how the steps depend on the conductance"
    case .imprecise:
      "no symmetry point found: over the range covered the steps change too little, for their"
        + " noise, to tell where the swords cross"
    case .undetermined:
      "no symmetry point found: too few pulses away from the bounds to fit the swords"
    }
  }
}

/// A device's verdict, of an experiment on several.
public struct NamedVerdict: Verdict {
  public var device: String
  public var verdict: DeviceVerdict

  public var text: String { "\(device): \(verdict.text)" }

  /// The first that there is, in the order of the devices' names.
  init?(_ devices: [String: DeviceOutcome]) {
    let first = devices.sorted { $0.key < $1.key }.lazy.compactMap { name, device in
      device.verdict.map { (name, $0) }
    }.first
    guard let first else { return nil }
    (device, verdict) = first
  }
}
