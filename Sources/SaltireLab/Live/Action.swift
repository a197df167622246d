internal import Foundation
internal import SaltireInstruments

/// Lines for one instrument, sent together.
struct Batch: Sendable {
  let instrument: Instrument
  var lines: [Line]
  /// How long its measurements take, seconds.
  var seconds = 0.0
  var readings: [MeterReading] = []
  /// How many answers its lines give.
  var answers = 0
}

/// Where among a batch's answers a current is.
struct MeterReading: Sendable {
  let terminal: Terminal
  let index: Int

  /// Amperes into the instrument: it tells those out of it.
  func current(_ answers: [String], of instrument: String) throws(BenchError) -> Double {
    guard let reading = Double(answers[index].trimmingCharacters(in: .whitespaces)) else {
      throw .instrument(
        InstrumentFailure(instrument, .unexpectedReply(answers[index], to: "a current")))
    }
    // At its limit a reading may also be beyond its range: the limit is why.
    if ["1", "true", "1.00000e+00"].contains(answers[index + 1].lowercased()) {
      throw .limit(
        LimitViolation(
          kind: .compliance, value: abs(reading), limit: 0, place: terminal.name, location: nil))
    }
    guard abs(reading) < 9e36 else {
      throw .limit(
        LimitViolation(
          kind: .overflow, value: reading, limit: 0, place: terminal.name, location: nil))
    }
    return -reading
  }
}

/// What a bench does next.
enum Action: Sendable {
  case wait(Double)
  /// At once, on different instruments.
  case batches([Batch])
}

/// What the instruments of a bench were told last.
struct LiveSettings: Sendable {
  /// Volts on source meters.
  var levels: [Terminal: Double] = [:]
  /// Power-line cycles of measurements.
  var cycles: [Terminal: Double] = [:]
  /// Generators: volts of the pulse that a trigger makes, and its width.
  var pulses: [Terminal: Double] = [:]
  var widths: [Terminal: Double] = [:]
}
