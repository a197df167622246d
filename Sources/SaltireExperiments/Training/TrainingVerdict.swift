import SaltireCore

/// Why a training failed.
public enum TrainingVerdict: Verdict {
  /// Training did not start because of a device.
  case device(name: String, verdict: DeviceVerdict)
  /// A target is outside the range of weights that its device covered.
  case outOfReach(device: String, target: Double, low: Double, high: Double)
  /// The motion of a parameter (counted from 0) around its optimum has not decayed.
  case restless(parameter: Int, radiusRatio: Double)
  /// The watch ended the training.
  case symmetryPointsMoved(stop: WatchOutcome.Stop)
  /// Text that an earlier version recorded.
  case inWords(text: String)

  public var text: String {
    func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 3) }
    switch self {
    case .device(let name, let verdict): return "\(name): \(verdict.text)"
    case .outOfReach(let device, let target, let low, let high):
      // Short swords may have covered less than the full range.
      return "\(device): the target \(number(target)) is outside the range of weights,"
        + " \(number(low)) to \(number(high)), that its crossed swords covered"
    case .restless(let parameter, let ratio):
      return "the motion has not decayed: the radius of parameter \(parameter + 1) is still"
        + " \(number(ratio)) of its initial value"
    case .symmetryPointsMoved(let stop): return stop.text
    case .inWords(let text): return text
    }
  }
}
