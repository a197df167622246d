public import SaltireLearning

/// How an outer product reaches the devices of an array as pulses.
public struct PulsedUpdate: Sendable, Equatable {
  /// Which coincidences there are.
  public enum Kind: String, CaseIterable, Sendable {
    /// Random trains, both signs at once (Gokmen and Vlasov, Front. Neurosci.
    /// 10:333, 2016).
    case stochastic
    /// The same trains in the four sub-phases of a half-bias array, one after
    /// the other (`HalfBiasPhase`).
    case fourPhase = "four-phase"
    /// Of both lines round(BL p) pulses; coincidences are the product of both
    /// over BL, rounded.
    case meanCount = "mean-count"
    /// Coincidences are BL p_x p_δ, rounded.
    case deterministicImplicit = "deterministic-implicit"
  }

  public var kind: Kind
  public var management: UpdateManagement
  /// Probabilities are rounded to multiples of this; 0 for none. The
  /// resolution of the converters that make the trains.
  public var resolution: Double

  public init(
    kind: Kind = .stochastic, management: UpdateManagement = UpdateManagement(),
    resolution: Double = 0
  ) {
    self.kind = kind
    self.management = management
    self.resolution = resolution
  }
}
