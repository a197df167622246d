public import SaltireCore

/// What a protocol tolerates when an interrupted run is resumed.
public struct ResumePolicy: Sendable, Equatable {
  /// What happens to the interrupted program: all, some or none of its pulses may have reached the
  /// devices.
  public enum Interrupted: String, Sendable, CaseIterable {
    /// The run is not resumed.
    case refuse
    /// Its reads are performed, and no pulse is sent again.
    case read
    /// The whole program is performed again.
    case `repeat`
  }

  public var interrupted = Interrupted.refuse
  /// The largest relative change of a device's conductance since its last read.
  public var drift = 0.05
  /// The longest gap, in seconds of lab time.
  public var gap = 7 * 86_400.0

  public init() {}

  /// Reads the optional `resume` section of a protocol.
  public init(_ reader: Reader) {
    interrupted = reader.choice("interrupted", default: interrupted).value
    drift = reader.number("drift", default: drift, in: 0...1000).value
    gap = reader.quantity("gap", .second, default: gap, in: 0...1e12).value
  }
}
