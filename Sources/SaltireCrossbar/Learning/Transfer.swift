public import SaltireLearning

/// How the array that accumulates gradients is transferred to the array that stores the weights.
public struct Transfer: Sendable, Equatable {
  public enum Rule: Sendable, Equatable {
    /// The read values are written directly: C ← C + η_C v uᵀ. This is Stochastic Hamiltonian
    /// Descent (Onen et al. 2022), and the first version of Tiki-Taka if the fast array is part of
    /// the weights or C has its own references.
    case direct
    /// The read values accumulate in a digital buffer until they amount to a pulse: Tiki-Taka
    /// version 2 (Gokmen, Front. Artif. Intell. 4:699148, 2021). The unit of the buffer is
    /// `threshold` core steps.
    case buffered(TransferBuffer, threshold: Double)
    /// Buffered, with input signs that flip at random with `probability` after a read and output
    /// signs after a sweep over all columns with `outputProbability`, so that an offset of the
    /// reference averages out: c-TTv2 (Rasch et al., Nat. Commun. 15:7133, 2024).
    case chopped(TransferBuffer, Gain, probability: Double, outputProbability: Double)
    /// Buffered, with input signs that flip every `period` reads of a column; the average of the
    /// reads before the flip, with weight `tail`/`period`, replaces the reference: AGAD (same
    /// paper).
    case dynamic(TransferBuffer, Gain, period: Int, tail: Double)
  }

  /// The contribution of a read to the buffer: 1/(granularity · step of the fast array), with the
  /// granularity in units of auto/(columns · period) if `auto` is given (aihwkit
  /// buffer_granularity, auto_granularity).
  public struct Gain: Sendable, Equatable {
    public var granularity: Double
    public var auto: Double?

    public init(granularity: Double = 1, auto: Double? = nil) {
      self.granularity = granularity
      self.auto = auto
    }
  }

  public var rule: Rule
  /// τ: the number of samples between transfers.
  public var period: Int
  /// Whether to transfer all columns each time.
  public var allColumns = false
  /// γ: the share of the fast array in the weights.
  public var fastShare = 0.0
  /// The converter and the noise of a column read.
  public var read = Periphery.perfect
  /// The pulsed updates of both arrays.
  public var fastUpdate: PulsedUpdate
  public var coreUpdate: PulsedUpdate
  /// Whether the fast array's rate is scaled so that `rate` trains of full length correspond to the
  /// largest product of an average sample (aihwkit auto_scale), instead of being a rate of the
  /// gradient.
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
