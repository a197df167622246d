public import SaltireInstruments
public import SaltireLinks
public import SaltirePrograms

/// What went wrong with which instrument.
public struct InstrumentFailure: BenchFailure, Equatable {
  /// What the bench calls it.
  public var instrument: String
  public var error: InstrumentError

  public init(_ instrument: String, _ error: InstrumentError) {
    self.instrument = instrument
    self.error = error
  }

  public var message: String { "\(instrument): \(error.message)" }
}

/// The clock of a simulated lab does not answer.
public struct ClockFailure: BenchFailure, Equatable {
  public var error: LinkError

  public init(_ error: LinkError) { self.error = error }

  public var message: String { "the clock of the simulated lab: \(error.message)" }
}

extension BenchError {
  /// What an instrument answered is no answer to what it was asked.
  static func unexpected(
    _ reply: String, to question: String, from instrument: Instrument
  ) -> BenchError {
    .failed(InstrumentFailure(instrument.name, .unexpectedReply(reply, to: question)))
  }

  /// A reading that is none: in compliance, or beyond its range.
  static func reading(
    _ kind: Limit.Kind, _ value: Double, at terminal: Terminal?
  ) -> BenchError {
    .limit(
      LimitViolation(kind: kind, value: value, limit: 0, place: terminal?.name, location: nil))
  }
}
