/// What commissioning found, in SI units.
public struct CommissioningOutcome: ExperimentOutcome, Equatable {
  public var connected: Connected
  public var meters: [MeterOutcome]
  /// Everything that is wrong, in the order in which it was found.
  public var faults: [CommissioningFault]
  /// What the connections cannot show.
  public var unseen: [String]
  /// The time from a pulse to settled reads, by device; without devices whose reads carry no
  /// current.
  public var settling: [String: Double]
  /// The protocols' time from pulse to read.
  public var settle: Double
  public var integration: Double
  /// The time that one level and its read take; nil if the run ended before.
  public var step: Double?

  public var verdict: CommissioningFault? { faults.first }
}

/// The offset of a meter and the standard deviation of one read, in amperes.
public struct MeterOutcome: Codable, Sendable, Equatable {
  public var lead: Lead
  /// Its current limit, which sets its range.
  public var limit: Double
  public var offset: Double
  public var noise: Double
}
