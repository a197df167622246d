public import SaltireCore

/// What every protocol has.
package enum ProtocolKeys {
  package static let experiment = Key.text("experiment", form: "name", "What is done.")
}

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
  /// The longest gap that a protocol can allow. One that is not known counts as this one.
  package static let longestGap = 1e12

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
      "gap", .second, in: 0...longestGap, default: ResumePolicy().gap,
      "Longest gap in lab time; 604.8 ks are 7 days. The largest allows one that is not known too.")
  }

  /// Reads the optional `resume` section of a protocol.
  public init(_ reader: Reader) {
    interrupted = reader[Keys.interrupted].value
    drift = reader[Keys.drift].value
    gap = reader[Keys.gap].value
  }
}
