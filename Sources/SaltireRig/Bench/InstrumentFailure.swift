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
