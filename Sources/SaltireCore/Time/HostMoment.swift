public import Foundation

/// A moment on the computer's clocks: its date, which anybody may set, and its uptime, which nobody
/// can.
public struct HostMoment: Sendable, Equatable, Codable {
  /// The time since the computer was started, including the time in which it was suspended.
  public struct Uptime: Sendable, Equatable, Codable {
    /// A unique id of that start.
    public var boot: String
    public var seconds: Double

    public init(boot: String, seconds: Double) {
      self.boot = boot
      self.seconds = seconds
    }
  }

  public var date: Date
  /// Nil if the system does not tell it.
  public var uptime: Uptime?

  public init(date: Date, uptime: Uptime?) {
    self.date = date
    self.uptime = uptime
  }

  /// The seconds since an earlier moment, and by how many the date was set forward meanwhile. If the
  /// computer was started again only the dates tell the time, and the second is nil.
  public func elapsed(since earlier: HostMoment) -> (seconds: Double, shift: Double?) {
    let dates = date.timeIntervalSince(earlier.date)
    guard let uptime, let before = earlier.uptime, uptime.boot == before.boot else {
      return (dates, nil)
    }
    let seconds = uptime.seconds - before.seconds
    return (seconds, dates - seconds)
  }
}
