import SaltireCore

/// When a call must have ended, on the clock that never steps back.
public struct Deadline: Sendable, Equatable {
  /// Seconds on `HostTime.monotonic`.
  private let time: Double

  /// `seconds` from now.
  public static func after(_ seconds: Double) -> Deadline {
    Deadline(time: HostTime.monotonic + max(seconds, 0))
  }

  private init(time: Double) { self.time = time }

  /// Seconds that are left; 0 when it has passed.
  public var remaining: Double { max(time - HostTime.monotonic, 0) }
}
