import SaltireInstruments

/// An operation of one channel, in numbers. The engine that performs it renders it in the language
/// of the instrument.
struct Operation: Sendable {
  enum Kind: Sendable, Equatable {
    case on, off
    /// Sets the safe level, 0 V.
    case safe
    /// Queries whether the output is on.
    case output

    // Source meters.

    /// Sources this voltage, in volts.
    case level(Double)
    /// Sets the integration time in power-line cycles (NPLC).
    case integration(cycles: Double)
    /// Measures the current with an integration time in seconds, and queries compliance.
    case measure(seconds: Double)
    /// Queries whether the output is in compliance.
    case compliance
    /// Configures a sweep over these levels (volts), with `delay` seconds before each measurement.
    /// A cycle that fires starts with a trigger output.
    case list([Double], cycles: Int, delay: Double, fires: Bool)
    /// Starts the sweep; the reply contains all readings.
    case sweep
    /// Returns to a fixed level in volts, as after arming.
    case endSweep(level: Double)

    // Generators.

    /// Sets the width and the period of pulses, in seconds.
    case timing(width: Double, period: Double)
    /// Sets the pulse level; while the levels are exchanged, the other one is at least `least`
    /// volts on the opposite side.
    case pulse(level: Double, least: Double)
    /// Sets the number of pulses per trigger.
    case count(Int)
    /// Selects a waveform as the trigger action: whether each point, `step` seconds after the
    /// previous, is at the pulse level.
    case waveform([Bool], step: Double)
    /// Selects pulses as the trigger action again.
    case pulses
    case trigger
    /// Accepts an edge on the trigger line as a trigger, with a delay of `lead` seconds.
    case listen(Engines.Edge, lead: Double)
    /// Ignores the trigger line.
    case ignore

    /// Whether it is a query.
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

  /// Duration of its measurement, in seconds.
  var seconds: Double { if case .measure(let seconds) = kind { seconds } else { 0 } }
  /// Whether it measures a current.
  var isMeasurement: Bool { if case .measure = kind { true } else { false } }
}
