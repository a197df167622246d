import SaltireCore
public import SaltireLinks

/// The time that instruments and devices live in: the wall's, or that of a
/// simulated lab.
public protocol LabClock: Sendable {
  /// Seconds since some fixed moment.
  func now() async throws(LinkError) -> Double

  /// Lets `seconds` pass.
  ///
  /// - Throws: `LinkError.interrupted` when the task was cancelled meanwhile.
  func wait(_ seconds: Double) async throws(LinkError)
}

extension LabClock {
  /// Seconds for an answer, which takes no lab time.
  public var patience: Double { 10 }
}

/// The wall's time.
public struct HostClock: LabClock {
  private let offset: Double

  /// - Parameter now: what it shows now, seconds.
  public init(showing now: Double) { offset = now - HostTime.monotonic }

  public func now() -> Double { HostTime.monotonic + offset }

  public func wait(_ seconds: Double) async throws(LinkError) {
    // Waits end late; what was late is not waited for again by whoever waits
    // until a moment.
    let end = HostTime.monotonic + seconds
    while end > HostTime.monotonic {
      if Task.isCancelled { throw .interrupted }
      await HostTime.pause(end - HostTime.monotonic)
    }
  }
}
