import SaltireCore
import SaltireCrossbar

extension LearningSettings {
  enum Keys {
    static let learning = SectionKey(
      "learning", "How the weights learn.",
      [
        rule, rate, coreRate, finalRate, finalCoreRate, reference, coreReference, pairs, omega,
        pulses, train, coreTrain, transfer,
      ])
    static let rule = Key<Rule>.choice("rule", "The rule that they learn by.")
    static let rate = Key.number(
      "rate", in: rates, "Learning rate of array A; of the weights with `sgd` and `digital`.")
    static let coreRate = Key.number(
      "core_rate", in: rates, when: withTransfer, "Learning rate of array C.")
    static let finalRate = Key.number(
      "final_rate", in: rates, absent: "`rate`",
      "What `rate` falls to, geometrically over all epochs.")
    static let finalCoreRate = Key.number(
      "final_core_rate", in: rates, absent: "`core_rate`", when: withTransfer,
      "What `core_rate` falls to.")
    static let reference = Key.choice(
      "reference", default: Reference.analytic, "Where references come from.")
    static let coreReference = Key.choice(
      "core_reference", default: CoreReference.shared, "Three arrays a weight, or four.")
    static let pairs = Key.count(
      "pairs", in: 1...10_000_000, default: 2000, when: "with `reference: zero-shift`",
      "Up-down pairs of the zero-shift.")
    static let omega = Key.number(
      "omega", in: 1e-3...1, absent: "the devices' own weights",
      "Fraction of half a device's range that the largest initial weight takes.")
    static let pulses = Key.choice(
      "pulses", default: PulsedUpdate.Kind.stochastic, "How updates become pulses.")
    static let train = Key.count(
      "train", in: 1...100_000, default: 100, "Longest pulse trains of an update.")
    static let coreTrain = Key.count(
      "core_train", in: 1...100_000, default: 100, "Longest pulse trains of a transfer.")
    static let transfer = SectionKey(
      "transfer", when: withTransfer, "How array A moves into C.", TransferKeys.all)

    private static let rates = 1e-12...1e3
    private static let withTransfer = "with rules other than `digital` and `sgd`"
  }

  enum TransferKeys {
    static let all: [any DeclaredKey] = [
      period, columns, share, scales, noise, bound, bits, forget, momentum, largest, threshold,
      granularity, autoGranularity, flip, outputFlip, tail,
    ]
    static let period = Key.count(
      "period", in: 1...1_000_000, default: 1, "Samples from one transfer to the next.")
    static let columns = Key.choice("columns", default: Columns.one, "Columns of a transfer.")
    static let share = Key.number(
      "share", in: 0...1e3, default: 0, "How much of array A the weights contain.")
    static let scales = Key.flag(
      "auto_scale", default: false,
      "The rate of A is in trains of full length for an average sample's largest product.")
    static let noise = Key.number(
      "noise", in: 0...1e3, default: 0, "Standard deviation of the noise of the read.")
    static let bound = Key.number(
      "bound", in: 1e-6...1e6, absent: "none", when: "with `bits`",
      "Bound of the converter of the read.")
    static let bits = Key.count(
      "bits", in: 2...24, absent: "unlimited", when: "with `bound`", "Its resolution.")
    static let forget = Key.flag(
      "forget", default: true, when: buffered, "Whether the digital buffer forgets.")
    static let momentum = Key.number(
      "momentum", in: 0...1, default: 0.1, when: buffered, "Momentum of the buffer.")
    static let largest = Key.count(
      "largest", in: 1...1000, default: 1, when: buffered, "Most core steps of a transfer.")
    static let threshold = Key.number(
      "threshold", in: 1e-6...1e6, default: 1, when: "with `tiki-taka-2`",
      "Core steps per unit of the buffer.")
    static let granularity = Key.number(
      "granularity", in: 1e-9...1e9, default: 1, when: gained, "Gain of the buffer.")
    static let autoGranularity = Key.number(
      "auto_granularity", in: 1e-3...1e9, absent: "none", when: gained,
      "Gain of the buffer that follows array A.")
    static let flip = Key.number(
      "flip", in: 0...1, default: 0.005, when: gained,
      "Probability that input signs flip; `agad` flips every 1/flip reads.")
    static let outputFlip = Key.number(
      "output_flip", in: 0...1, default: 0, when: "with `c-tiki-taka-2`",
      "Probability that output signs flip.")
    static let tail = Key.number(
      "tail", in: 1e-3...1e9, default: 50, when: "with `agad`",
      "Weight of the reads before a flip.")

    private static let buffered = "with `tiki-taka-2`, `c-tiki-taka-2` and `agad`"
    private static let gained = "with `c-tiki-taka-2` and `agad`"
  }

  enum Reference: String, CaseIterable, Sendable {
    case zero
    case analytic
    case zeroShift = "zero-shift"
  }

  enum CoreReference: String, CaseIterable, Sendable {
    /// Three arrays a weight.
    case shared
    /// Four.
    case own
  }

  enum Columns: String, CaseIterable, Sendable {
    case one
    case all
  }
}
