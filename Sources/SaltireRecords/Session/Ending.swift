public import SaltireCore

/// The end of a run, as recorded in its session and in the `--json` document.
public struct Ending: Sendable, Equatable, Codable {
  /// The exit status of the program.
  public var exitCode: Int
  /// The error message as printed; nil if there was none or the verdict of the outcome tells it.
  public var message: String?
  /// The source location of the error.
  public var location: SourceLocation?
  /// The experiment's outcome as JSON text; nil if the experiment did not finish.
  public var outcome: String?
  /// The true properties of modelled devices, as JSON text by device; nil for real devices.
  public var truth: String?
  /// Lab seconds.
  public var duration: Double
  /// Wall-clock time of the run, in seconds.
  public var wall: Double
  /// Gate pulses sent.
  public var pulses: Int
  /// Whether every terminal was confirmed safe at the end.
  public var safe: Bool
  /// Whether the run ended because an instrument was found in another state than it was set to, so
  /// that its last readings may be wrong; nil in early sessions.
  public var isDoubtful: Bool?

  public init(
    exitCode: Int, message: String?, location: SourceLocation? = nil, outcome: String?,
    truth: String?, duration: Double,
    wall: Double, pulses: Int, safe: Bool, isDoubtful: Bool? = nil
  ) {
    self.exitCode = exitCode
    self.message = message
    self.location = location
    self.outcome = outcome
    self.truth = truth
    self.duration = duration
    self.wall = wall
    self.pulses = pulses
    self.safe = safe
    self.isDoubtful = isDoubtful
  }

  var json: String { JSONText.encode(self) }

  init?(json: String) {
    guard let ending = JSONText.decode(Ending.self, from: json) else {
      return nil
    }
    self = ending
  }
}
