public import SaltireInstruments
public import SaltireLinks
public import SaltirePrograms

/// An error of one instrument.
public struct InstrumentFailure: BenchFailure, Equatable {
  /// The name of the instrument in the bench file.
  public var instrument: String
  public var error: InstrumentError

  public init(_ instrument: String, _ error: InstrumentError) {
    self.instrument = instrument
    self.error = error
  }

  public var message: String { "\(instrument): \(error.message)" }

  public var castsDoubt: Bool { if case .moved = error { true } else { false } }
}

/// The clock of a simulated lab does not respond.
public struct ClockFailure: BenchFailure, Equatable {
  public var error: LinkError

  public init(_ error: LinkError) { self.error = error }

  public var message: String { "clock of the simulated lab: \(error.message)" }
}

extension BenchError {
  /// The reply of an instrument does not fit the query.
  static func unexpected(
    _ reply: String, to question: String, from instrument: Instrument
  ) -> BenchError {
    .failed(InstrumentFailure(instrument.name, .unexpectedReply(reply, to: question)))
  }

  /// A reading that is not valid: in compliance or out of range.
  static func reading(
    _ kind: Limit.Kind, _ value: Double, at terminal: Terminal?
  ) -> BenchError {
    .limit(
      LimitViolation(kind: kind, value: value, limit: 0, place: terminal?.name, location: nil))
  }
}
