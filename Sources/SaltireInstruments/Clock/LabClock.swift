import SaltireCore
public import SaltireLinks

/// The time of instruments and devices: wall-clock time, or the time of a simulated lab.
public protocol LabClock: Sendable {
  /// Seconds since some fixed moment.
  func now() async throws(LinkError) -> Double

  /// Waits for `seconds`.
  ///
  /// - Throws: `LinkError.interrupted` if the task was cancelled meanwhile.
  func wait(_ seconds: Double) async throws(LinkError)
}

extension LabClock {
  /// Timeout for replies in seconds, independent of lab time.
  public var patience: Double { 10 }
}

/// Wall-clock time.
public struct HostClock: LabClock {
  private let offset: Double

  /// - Parameter now: the present value in seconds.
  public init(showing now: Double) { offset = now - HostTime.monotonic }

  public func now() -> Double { HostTime.monotonic + offset }

  public func wait(_ seconds: Double) async throws(LinkError) {
    // Waits end late; waiting until an absolute time avoids accumulating the delay.
    let end = HostTime.monotonic + seconds
    while end > HostTime.monotonic {
      if Task.isCancelled { throw .interrupted }
      await HostTime.pause(end - HostTime.monotonic)
    }
  }
}
