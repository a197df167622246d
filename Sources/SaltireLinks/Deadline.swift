import SaltireCore

/// The time by which a call must return, on the monotonic clock.
public struct Deadline: Sendable, Equatable {
  /// Seconds on `HostTime.monotonic`.
  private let time: Double

  /// `seconds` from now.
  public static func after(_ seconds: Double) -> Deadline {
    Deadline(time: HostTime.monotonic + max(seconds, 0))
  }

  private init(time: Double) { self.time = time }

  /// Seconds left; 0 after the deadline.
  public var remaining: Double { max(time - HostTime.monotonic, 0) }
}
