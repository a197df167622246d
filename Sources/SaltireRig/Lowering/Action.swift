import SaltireInstruments
import SaltirePrograms

/// What a bench does next.
indirect enum Action: Sendable {
  case wait(Double)
  /// At once, where they are on different instruments; an instrument does its
  /// own one after another.
  case operations([Operation])
  /// So many rounds, each of which begins and ends with the same levels, volts.
  case loop(Int, [Action], from: [Terminal: Double])
  /// Generators start what they are set to.
  case fire(Firing)
  /// From here on time is counted, in scripts.
  case mark
  /// Until so many seconds after the mark, which is in so many seconds.
  case until(Double, in: Double)

  var isMark: Bool { if case .mark = self { true } else { false } }
}

/// Generators that are started at once: by their trigger line, else each by a
/// command from the host.
struct Firing: Sendable {
  let generators: [LiveBench.Output]
  let line: TriggerLine?
}

/// The pulses that one trigger of a generator makes.
struct Pulses: Sendable, Equatable {
  /// Volts.
  var level: Double
  /// Seconds of one, and from one to the next.
  var width: Double
  var period: Double
  var count = 1
}

/// What the instruments of a bench were told last.
struct LiveSettings: Sendable, Equatable {
  /// Volts on source meters.
  var levels: [Terminal: Double] = [:]
  /// Power-line cycles of measurements.
  var cycles: [Terminal: Double] = [:]
  /// Generators: what a trigger makes.
  var pulses: [Terminal: Pulses] = [:]
  /// Generators whose waveform is selected instead.
  var waveforms: Set<Terminal> = []
  /// Generators that listen to their trigger line.
  var listening: Set<Terminal> = []
  /// Seconds until a generator takes its next trigger: one that comes within
  /// its period is lost.
  var busy: [Terminal: Double] = [:]

  /// Lets time pass.
  mutating func elapse(_ seconds: Double) {
    for (terminal, left) in busy {
      // What is left of it by rounding alone is nothing.
      busy[terminal] = left - seconds > 1e-12 ? left - seconds : nil
    }
  }
}
