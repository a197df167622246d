public import SaltireCore

/// What a protocol allows when a run that was cut off is taken up again.
public struct ResumePolicy: Sendable, Equatable {
  /// What becomes of the program that was under way: its pulses may have
  /// reached the devices, all or some or none.
  public enum Interrupted: String, Sendable, CaseIterable {
    /// The run is not taken up.
    case refuse
    /// Its reads are taken now, and no pulse is sent again.
    case read
    /// It is performed again, all of it.
    case `repeat`
  }

  public var interrupted = Interrupted.refuse
  /// The largest change of a device's conductance in the gap, as a part of
  /// the last that was read.
  public var drift = 0.05
  /// The longest gap, seconds of lab time.
  public var gap = 7 * 86_400.0

  public init() {}

  /// Reads the `resume` section of a protocol, which may be missing.
  public init(_ reader: Reader) {
    interrupted = reader.choice("interrupted", default: interrupted).value
    drift = reader.number("drift", default: drift, in: 0...1000).value
    gap = reader.quantity("gap", .second, default: gap, in: 0...1e12).value
  }
}
