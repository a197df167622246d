public import SaltireLearning

/// How an outer product is converted to pulses on the devices of an array.
public struct PulsedUpdate: Sendable, Equatable {
  /// Which coincidences occur.
  public enum Kind: String, CaseIterable, Sendable {
    /// Random trains, both signs at once (Gokmen and Vlasov, Front. Neurosci. 10:333, 2016).
    case stochastic
    /// The same trains in the four sub-phases of a half-bias array, one after the other
    /// (`HalfBiasPhase`).
    case fourPhase = "four-phase"
    /// Both lines have round(BL p) pulses; the number of coincidences is their product divided by
    /// BL, rounded.
    case meanCount = "mean-count"
    /// The number of coincidences is BL p_x p_δ, rounded.
    case deterministicImplicit = "deterministic-implicit"
  }

  public var kind: Kind
  public var management: UpdateManagement
  /// Probabilities are rounded to multiples of this, the resolution of the converters that generate
  /// the trains; 0 for no rounding.
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
