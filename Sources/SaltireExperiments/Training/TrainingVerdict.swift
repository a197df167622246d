import SaltireCore

/// Why a training does not serve its purpose.
public enum TrainingVerdict: Verdict {
  /// It did not begin, because of a device.
  case device(NamedVerdict)
  /// A target is beyond the weights that its device was seen to reach.
  case outOfReach(device: String, target: Double, low: Double, high: Double)
  /// The motion of a parameter, counted from 0, around its optimum has not died down.
  case restless(parameter: Int, radiusRatio: Double)
  /// The watch ended it.
  case symmetryPointsMoved(WatchOutcome.Stop)
  /// As an earlier version recorded it.
  case inWords(text: String)

  public var text: String {
    func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 3) }
    switch self {
    case .device(let verdict): return verdict.text
    case .outOfReach(let device, let target, let low, let high):
      // Swords that were short may have covered less than there is.
      return "\(device): the target \(number(target)) is outside the weights from \(number(low))"
        + " to \(number(high)) that its swords covered"
    case .restless(let parameter, let ratio):
      return "the motion has not died down: parameter \(parameter + 1) still moves at"
        + " \(number(ratio)) of its initial radius"
    case .symmetryPointsMoved(let stop): return stop.text
    case .inWords(let text): return text
    }
  }
}
