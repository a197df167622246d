import SaltireInstruments

/// What one channel is to do, in numbers. What that is in the instrument's
/// language is for the engine that performs it.
struct Operation: Sendable {
  enum Kind: Sendable, Equatable {
    case on, off
    /// The level that is safe: 0 V.
    case safe
    /// Asks whether the output is on.
    case output

    // Source meters.

    /// Sources so many volts.
    case level(Double)
    /// Measurements take so many power-line cycles.
    case integration(cycles: Double)
    /// Measures the current, over so many seconds, and asks whether it is at its limit.
    case measure(seconds: Double)
    /// Asks whether the output is at its limit.
    case compliance
    /// Sets up a sweep: so often over these levels, volts, each for `delay` seconds
    /// before it is measured. A cycle that fires begins with a trigger for others.
    case list([Double], cycles: Int, delay: Double, fires: Bool)
    /// Sweeps, and answers with all readings.
    case sweep
    /// Back to a fixed level, volts, as arming left it.
    case endSweep(level: Double)

    // Generators.

    /// Pulses are so long, seconds, and so far from one another.
    case timing(width: Double, period: Double)
    /// Pulses go to `level`; while levels change places, at least `least` volts
    /// to the other side.
    case pulse(level: Double, least: Double)
    /// A trigger makes so many pulses.
    case count(Int)
    /// A trigger plays a waveform: whether each point, `step` seconds from the
    /// next, is at the pulse's level.
    case waveform([Bool], step: Double)
    /// A trigger makes pulses again.
    case pulses
    case trigger
    /// An edge on the trigger line is a trigger, `lead` seconds later.
    case listen(Engines.Edge, lead: Double)
    /// Nothing on the trigger line is.
    case ignore

    /// Whether it is answered.
    var isQuestion: Bool {
      switch self {
      case .output, .measure, .compliance, .sweep: true
      default: false
      }
    }
  }

  let kind: Kind
  let output: LiveBench.Output

  init(_ kind: Kind, on output: LiveBench.Output) {
    self.kind = kind
    self.output = output
  }

  /// How long its measurement takes, seconds.
  var seconds: Double { if case .measure(let seconds) = kind { seconds } else { 0 } }
  /// Whether it measures a current.
  var isMeasurement: Bool { if case .measure = kind { true } else { false } }
}
