/// What a watch over symmetry points saw, and what it cost.
public struct WatchOutcome: Codable, Sendable, Equatable {
  /// One check of one device.
  public struct Check: Codable, Sendable, Equatable {
    /// What the interval of 95 % says about the tolerance.
    public enum Finding: String, Codable, Sendable {
      /// All of it is within: the symmetry point holds.
      case within
      /// All of it is outside, on one side.
      case beyond
      /// It has parts in both: the pairs were too few to tell.
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

    /// Samples trained until then.
    public var sample: Int
    /// Symmetry point minus reference, weight units.
    public var drift: Double
    /// Of the drift, weight units.
    public var standardError: Double
    public var finding: Finding

    /// Half of the interval of 95 %.
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
  /// By device, in the order in which they were made.
  public var checks: [String: [Check]] = [:]
  /// Gate pulses and lab seconds that all checks took, rests not counted.
  public var pulses = 0
  public var duration = 0.0
  /// Why training ended early; nil where it did not.
  public var stopped: String?

  init(tolerance: Double) { self.tolerance = tolerance }
}
