import SaltireCore

/// The results and the cost of a symmetry-point watch.
public struct WatchOutcome: Codable, Sendable, Equatable {
  /// One check of one device.
  public struct Check: Codable, Sendable, Equatable {
    /// The position of the 95 % confidence interval relative to the tolerance.
    public enum Finding: String, Codable, Sendable {
      /// The whole interval is within the tolerance: the symmetry point has not moved.
      case within
      /// The whole interval is beyond the tolerance, on one side.
      case beyond
      /// The interval includes the tolerance: too few pairs to decide.
      case unknown = "not known"

      public init(drift: Double, standardError: Double, tolerance: Double) {
        let reach = Check.reach(standardError)
        self =
          if abs(drift) + reach <= tolerance {
            .within
          } else if abs(drift) - reach > tolerance {
            .beyond
          } else {
            .unknown
          }
      }
    }

    /// The number of samples trained before the check.
    public var sample: Int
    /// Symmetry point minus reference, weight units.
    public var drift: Double
    /// Standard error of the drift, in weight units.
    public var standardError: Double
    public var finding: Finding

    /// Half the width of the 95 % confidence interval.
    public static func reach(_ standardError: Double) -> Double { 1.96 * standardError }

    init(sample: Int, drift: Double, standardError: Double, tolerance: Double) {
      self.sample = sample
      self.drift = drift
      self.standardError = standardError
      finding = Finding(drift: drift, standardError: standardError, tolerance: tolerance)
    }
  }

  /// Weight units.
  public var tolerance: Double
  /// The checks by device, in the order in which they were made.
  public var checks: [String: [Check]] = [:]
  /// Gate pulses and lab seconds of all checks, without rests.
  public var pulses = 0
  public var duration = 0.0
  /// Why the watch ended the training early; nil if it did not.
  public var stop: Stop?

  init(tolerance: Double) { self.tolerance = tolerance }
}

extension WatchOutcome {
  /// Why a watch ended the training.
  public struct Stop: Codable, Sendable, Equatable {
    /// The checks that found a symmetry point beyond the tolerance, by device.
    public var beyond: [String: Check]
    /// Weight units.
    public var tolerance: Double
    /// The number of rests without recovery, and the seconds of each.
    public var rests = 0
    public var rest = 0.0

    init(beyond: [String: Check], tolerance: Double) {
      self.beyond = beyond
      self.tolerance = tolerance
    }

    /// The reason as a sentence.
    var text: String {
      func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 2) }
      let findings = beyond.sorted { $0.key < $1.key }.map { device, check in
        "\(device): after sample \(check.sample) its symmetry point is \(number(check.drift)) ±"
          + " \(number(Check.reach(check.standardError))) (95 %) weight units from its reference,"
          + " beyond watch.tolerance \(number(tolerance))"
      }
      let tries =
        rests == 0
        ? ""
        : "; not back within after \(rests) \(rests == 1 ? "rest" : "rests") of"
          + " \(Quantity(rest, .second))"
      return findings.joined(separator: "; ") + tries
    }
  }
}
