public import SaltireCore

/// How a run ended, as its session and its `--json` document say it.
public struct Ending: Sendable, Equatable, Codable {
  /// The status that the program exited with.
  public var exitCode: Int
  /// What went wrong, in the sentence that was printed; nil when nothing did, also
  /// where the outcome's verdict says it.
  public var message: String?
  /// The place in a file that it is about.
  public var location: SourceLocation?
  /// The experiment's outcome as JSON text; nil when it did not reach one.
  public var outcome: String?
  /// What the models' devices really are, as JSON text by device; nil on
  /// benches that cannot know.
  public var truth: String?
  /// Lab seconds.
  public var duration: Double
  /// Seconds that it took.
  public var wall: Double
  /// Gate pulses sent.
  public var pulses: Int
  /// Whether every terminal was confirmed safe at the end.
  public var safe: Bool

  public init(
    exitCode: Int, message: String?, location: SourceLocation? = nil, outcome: String?,
    truth: String?, duration: Double,
    wall: Double, pulses: Int, safe: Bool
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
  }

  var json: String { JSONText.encode(self) }

  init?(json: String) {
    guard let ending = JSONText.decode(Ending.self, from: json) else {
      return nil
    }
    self = ending
  }
}
