public import SaltireCore

/// What every protocol has.
package enum ProtocolKeys {
  package static let experiment = Key.text("experiment", form: "name", "What is done.")
}

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

  /// The keys of the section.
  package enum Keys {
    package static let resume = SectionKey(
      "resume", absent: "as its keys", "What a resumed run allows.", [interrupted, drift, gap])
    static let interrupted = Key.choice(
      "interrupted", default: ResumePolicy().interrupted,
      "What becomes of a program that was under way: its pulses may have reached the devices.")
    static let drift = Key.number(
      "drift", in: 0...1000, default: ResumePolicy().drift,
      "Largest change of a conductance in the gap, relative to the last one read.")
    static let gap = Key.quantity(
      "gap", .second, in: 0...1e12, default: ResumePolicy().gap,
      "Longest gap in lab time; 604.8 ks are 7 days.")
  }

  /// Reads the `resume` section of a protocol, which may be missing.
  public init(_ reader: Reader) {
    interrupted = reader[Keys.interrupted].value
    drift = reader[Keys.drift].value
    gap = reader[Keys.gap].value
  }
}
