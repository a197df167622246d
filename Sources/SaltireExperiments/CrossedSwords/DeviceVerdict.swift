public import SaltireAnalysis
import SaltireCore

/// Why the symmetry point of a device is unknown or less certain than requested.
public enum DeviceVerdict: Verdict {
  case noSymmetryPoint(reason: NoSymmetryPoint)
  /// The reads do what no device does whose steps depend on its conductance alone.
  case notDescribed(misfits: [Misfit])
  /// Zero-shifting needs more pairs than the protocol allows.
  case tooFewPairs(needed: Int)
  /// Zero-shifting used all pairs that the protocol allows without converging.
  case notConverged(pairs: Int)
  /// Text that an earlier version recorded.
  case inWords(text: String)

  public var text: String {
    switch self {
    case .noSymmetryPoint(let reason): reason.text
    case .notDescribed(let misfits):
      "the symmetry point is doubtful, since steps that depend on the conductance alone do not"
        + " describe the reads: " + misfits.map(\.text).joined(separator: "; ")
    case .tooFewPairs(let needed):
      "zero-shifting needs at least \(needed) pulse pairs, more than the protocol allows"
    case .notConverged(let pairs): "zero-shifting has not converged after \(pairs) pulse pairs"
    case .inWords(let text): text
    }
  }
}

extension NoSymmetryPoint {
  var text: String {
    switch self {
    case .parallel:
      "no symmetry point: the ratio of up to down steps is constant over the range covered"
    case .outside: "no symmetry point: the swords do not cross in the range covered"
    case .unstable:
      "no symmetry point: the swords cross in the wrong direction; alternating pulses drive"
        + " the device away from the crossing"
    case .hidden:
      "no symmetry point found: noise masks the dependence of the steps on conductance"
    case .imprecise:
      "no symmetry point found: over the range covered, the steps change too little compared"
        + " with their noise to locate the crossing"
    case .unresponsive:
      "the device does not respond to pulses: its conductance did not change beyond its noise; is"
        + " the gate connected and its output on, and do the pulses arrive?"
    case .abrupt:
      "no symmetry point: a single pulse crosses more than 70 % of the range covered, so that no"
        + " steps are known there"
    case .apart:
      "no symmetry point: up and down pulses have too little of the range covered in common to"
        + " compare their steps"
    case .undetermined:
      "no symmetry point found: too few pulses are away from the bounds to fit the swords"
    }
  }
}

extension Misfit {
  var text: String {
    switch self {
    case .successive:
      "successive reads deviate in the same direction (a slow fluctuation or a drift)"
    case .turns: "the first pulses after a change of direction have other steps than later ones"
    case .cycles: "the cycles differ by more than their noise"
    case .curves: "the fitted steps miss the reads in a part of the range"
    case .outlier: "a single pulse or read is far from all others"
    }
  }
}

/// The verdict on one of several devices.
public struct NamedVerdict: Verdict {
  public var device: String
  public var verdict: DeviceVerdict

  public var text: String { "\(device): \(verdict.text)" }

  /// The first verdict in the order of the devices' names; nil if there is none.
  init?(_ devices: [String: DeviceOutcome]) {
    let first = devices.sorted { $0.key < $1.key }.lazy.compactMap { name, device in
      device.verdict.map { (name, $0) }
    }.first
    guard let first else { return nil }
    (device, verdict) = first
  }
}
