import SaltireInstruments
import SaltirePrograms

/// An action of a bench.
indirect enum Action: Sendable {
  case wait(Double)
  /// Concurrent on different instruments; sequential on the same instrument.
  case operations([Operation])
  /// A number of rounds, each of which begins and ends with the same levels, in volts.
  case loop(Int, [Action], from: [Terminal: Double])
  /// Starts the configured pulses of generators.
  case fire(Firing)
  /// Marks the reference time of `until`, in scripts.
  case mark
  /// Waits until this many seconds after the mark; `in` is the remaining time.
  case until(Double, in: Double)

  var isMark: Bool { if case .mark = self { true } else { false } }
}

/// Generators that start simultaneously: over their trigger line if they have one, otherwise each
/// by a command.
struct Firing: Sendable {
  let generators: [LiveBench.Output]
  let line: TriggerLine?
}

/// The pulses that one trigger of a generator starts.
struct Pulses: Sendable, Equatable {
  /// Volts.
  var level: Double
  /// Width of a pulse, and period, in seconds.
  var width: Double
  var period: Double
  var count = 1
}

/// The settings last sent to the instruments of a bench.
struct LiveSettings: Sendable, Equatable {
  /// Levels of source meters, in volts.
  var levels: [Terminal: Double] = [:]
  /// Integration times, in power-line cycles (NPLC).
  var cycles: [Terminal: Double] = [:]
  /// Generators: the pulses of a trigger.
  var pulses: [Terminal: Pulses] = [:]
  /// Generators with a selected waveform.
  var waveforms: Set<Terminal> = []
  /// Generators that listen to their trigger line.
  var listening: Set<Terminal> = []
  /// Seconds until a generator accepts its next trigger; a trigger within its period is lost.
  var busy: [Terminal: Double] = [:]

  /// Advances time.
  mutating func elapse(_ seconds: Double) {
    for (terminal, left) in busy {
      // A remainder from rounding counts as zero.
      busy[terminal] = left - seconds > 1e-12 ? left - seconds : nil
    }
  }
}
