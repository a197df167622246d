import Foundation
import SaltireInstruments
import SaltirePrograms

/// Lines for one instrument, sent together.
struct Batch: Sendable {
  let instrument: Instrument
  var lines: [Line]
  /// How long its measurements take, seconds.
  var seconds = 0.0
  var readings: [MeterReading] = []
  /// The levels that it sets, volts.
  var levels: [Terminal: Double] = [:]

  /// How many answers its lines give.
  var answers: Int { lines.count(where: \.isQuery) }

  /// Both in one, in this order.
  func followed(by next: Batch) -> Batch {
    let offset = answers
    var both = self
    both.lines += next.lines
    both.seconds += next.seconds
    both.levels.merge(next.levels) { $1 }
    both.readings += next.readings.map {
      MeterReading(terminal: $0.terminal, index: $0.index + offset, hasCurrent: $0.hasCurrent)
    }
    return both
  }
}

/// Where among a batch's answers a current is.
struct MeterReading: Sendable {
  let terminal: Terminal
  let index: Int
  /// Whether there is a current, and behind it whether it is at its limit;
  /// else only the latter.
  let hasCurrent: Bool

  /// What the answers say; nil where nothing is to be read.
  func value(_ answers: [String], of instrument: String) throws(BenchError) -> Double? {
    if hasCurrent { return try current(answers, of: instrument) }
    if try isTripped(answers[index], instrument) {
      throw .limit(
        LimitViolation(
          kind: .compliance, value: .nan, limit: 0, place: terminal.name, location: nil))
    }
    return nil
  }

  /// Whether an answer says that the output is at its limit; what is neither
  /// yes nor no must not pass for no.
  private func isTripped(_ answer: String, _ instrument: String) throws(BenchError) -> Bool {
    let text = answer.trimmingCharacters(in: .whitespaces).lowercased()
    if let number = ReadBack.value(text) { return number != 0 }
    guard let flag = Bool(text) else {
      throw .failed(
        InstrumentFailure(instrument, .unexpectedReply(answer, to: "is the limit reached?")))
    }
    return flag
  }

  /// Amperes into the instrument: it tells those out of it.
  private func current(_ answers: [String], of instrument: String) throws(BenchError) -> Double {
    guard let reading = Double(answers[index].trimmingCharacters(in: .whitespaces)) else {
      throw .failed(
        InstrumentFailure(instrument, .unexpectedReply(answers[index], to: "a current")))
    }
    // At its limit a reading may also be beyond its range: the limit is why.
    if try isTripped(answers[index + 1], instrument) {
      throw .limit(
        LimitViolation(
          kind: .compliance, value: abs(reading), limit: 0, place: terminal.name, location: nil))
    }
    guard ReadBack.isValue(reading) else {
      throw .limit(
        LimitViolation(
          kind: .overflow, value: reading, limit: 0, place: terminal.name, location: nil))
    }
    return -reading
  }
}

/// What a bench does next.
indirect enum Action: Sendable {
  case wait(Double)
  /// At once, on different instruments.
  case batches([Batch])
  case loop(Int, [Action])
  /// Generators start what they are set to.
  case fire(Firing)
  /// From here on time is counted, in scripts.
  case mark
  /// Until so many seconds after the mark, which is in so many seconds.
  case until(Double, in: Double)

  var isMark: Bool { if case .mark = self { true } else { false } }

  /// This action and the next in one, where that is the same in fewer round
  /// trips: waits, and batches on one and the same instrument alone.
  func merged(with next: Action) -> Action? {
    switch (self, next) {
    case (.wait(let first), .wait(let second)): return .wait(first + second)
    case (.batches(let first), .batches(let second)):
      guard first.count == 1, second.count == 1, first[0].instrument === second[0].instrument,
        first[0].lines.count < Self.mostLines
      else { return nil }
      return .batches([first[0].followed(by: second[0])])
    default: return nil
    }
  }

  /// Instruments' input buffers are short.
  private static let mostLines = 20
}

/// Generators that are started at once.
struct Firing: Sendable {
  /// Each by a command of its own, from the host.
  var host: [Batch]
  /// All by their trigger line: what sends that, in a script; what makes them
  /// listen to it, and no more.
  var inside: Batch?
  var listen: [Batch] = []
  var ignore: [Batch] = []
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
