public import SaltireCore

/// The limits of a device's dose over all sessions; nil where there is no such limit.
public struct Lifetime: Sendable, Equatable {
  /// Maximum number of pulses of the full gate minus row voltage.
  public var pulses: Located<Int>?
  /// Maximum time with gate minus row ≠ 0, in seconds.
  public var time: Located<Double>?
  /// Maximum integral of |gate minus row| over time, in volt seconds.
  public var voltSeconds: Located<Double>?

  public init() {}

  /// The keys of a `lifetime` section.
  enum Keys {
    static let pulses = Key.count(
      "pulses", in: 1...Int.max, absent: "none", "Most pulses of a device, over all sessions.")
    static let time = Key.quantity(
      "time", .second, in: 0...1e12, absent: "none", "Longest time with gate − row off 0 V.")
    static let voltSeconds = Key.quantity(
      "volt_seconds", .voltSecond, in: 0...1e12, absent: "none",
      "Largest integral of |gate − row| over time.")
    static let all: [any DeclaredKey] = [pulses, time, voltSeconds]
  }

  /// Reads a `lifetime` section; a missing key takes its value from `all`.
  init(_ reader: Reader, over all: Lifetime?) {
    self = all ?? Lifetime()
    pulses = reader.optional(Keys.pulses) ?? pulses
    time = reader.optional(Keys.time) ?? time
    voltSeconds = reader.optional(Keys.voltSeconds) ?? voltSeconds
  }

  /// Where one of the limits is set; nil if there is none.
  public var location: SourceLocation? {
    pulses?.location ?? time?.location ?? voltSeconds?.location
  }

  /// Whether there is any limit.
  public var isLimited: Bool { pulses != nil || time != nil || voltSeconds != nil }

  /// Refuses a program that would take a device beyond a limit.
  ///
  /// - Parameters:
  ///   - dose: the dose of the program.
  ///   - before: the previous dose of the device.
  ///   - place: the device, as its operator knows it.
  func hold(_ dose: Dose, after before: Dose, of place: String) throws(LimitViolation) {
    var total = before
    total.add(dose)
    func hold(
      _ kind: Limit.Kind, _ value: Double, after past: Double, _ limit: Located<Double>
    ) throws(LimitViolation) {
      try Limit(kind, upTo: limit).require(value, at: place, left: max(0, limit.value - past))
    }
    // A program that does not pulse a device is allowed even if the device is beyond its limit.
    if let pulses, dose.pulses > 0 {
      try hold(
        .lifetimePulses, Double(total.pulses), after: Double(before.pulses),
        Located(Double(pulses.value), at: pulses.location))
    }
    if let time, dose.seconds != 0 {
      try hold(.lifetimeTime, total.seconds, after: before.seconds, time)
    }
    if let voltSeconds, dose.voltSeconds != 0 {
      try hold(.lifetimeVoltSeconds, total.voltSeconds, after: before.voltSeconds, voltSeconds)
    }
  }

  /// As recorded in the manifest of a session.
  var values: [String: String] {
    var all: [String: String] = [:]
    if let pulses { all["lifetime.pulses"] = "\(pulses.value)" }
    if let time { all["lifetime.time"] = Quantity(time.value, .second).description }
    if let voltSeconds {
      all["lifetime.volt_seconds"] = Quantity(voltSeconds.value, .voltSecond).description
    }
    return all
  }
}
