public import SaltireLearning

/// How an array that gathers gradients hands them on to the array that keeps
/// the weights.
public struct Transfer: Sendable, Equatable {
  public enum Rule: Sendable, Equatable {
    /// What is read is written: C ← C + η_C v uᵀ. Stochastic Hamiltonian
    /// Descent (Onen et al. 2022), and Tiki-Taka in its first version where
    /// the fast array is part of the weights or C has references of its own.
    case direct
    /// What is read gathers in a digital buffer until it is worth a pulse:
    /// Tiki-Taka version 2 (Gokmen, Front. Artif. Intell. 4:699148, 2021).
    /// The buffer's unit is `threshold` core steps.
    case buffered(TransferBuffer, threshold: Double)
    /// Buffered, with input signs that flip at random with `probability` after
    /// a read and output signs after a sweep over all columns with
    /// `outputProbability`, so that an offset of the reference averages out:
    /// c-TTv2 (Rasch et al., Nat. Commun. 15:7133, 2024).
    case chopped(TransferBuffer, Gain, probability: Double, outputProbability: Double)
    /// Buffered, with input signs that flip every `period` reads of a column
    /// and what was read before the flip, averaged with weight
    /// `tail`/`period`, in place of a reference: AGAD (the same).
    case dynamic(TransferBuffer, Gain, period: Int, tail: Double)
  }

  /// How much buffer a read is worth: 1/(granularity · step of the fast
  /// array), the granularity in units of auto/(columns · period) where `auto`
  /// is given (aihwkit buffer_granularity, auto_granularity).
  public struct Gain: Sendable, Equatable {
    public var granularity: Double
    public var auto: Double?

    public init(granularity: Double = 1, auto: Double? = nil) {
      self.granularity = granularity
      self.auto = auto
    }
  }

  public var rule: Rule
  /// τ: samples from one transfer to the next.
  public var period: Int
  /// Transfer every column each time.
  public var allColumns = false
  /// γ: how much of the fast array the weights contain.
  public var fastShare = 0.0
  /// The converter and the noise of a column's read.
  public var read = Periphery.perfect
  /// The pulses of both arrays.
  public var fastUpdate: PulsedUpdate
  public var coreUpdate: PulsedUpdate
  /// Whether the fast array's rate is `rate` trains of full length for an
  /// average sample's largest product (aihwkit auto_scale), not one of the
  /// gradient's.
  public var scalesFastRate = false

  public init(
    _ rule: Rule, period: Int, fastUpdate: PulsedUpdate = PulsedUpdate(),
    coreUpdate: PulsedUpdate = PulsedUpdate()
  ) {
    self.rule = rule
    self.period = period
    self.fastUpdate = fastUpdate
    self.coreUpdate = coreUpdate
  }
}
