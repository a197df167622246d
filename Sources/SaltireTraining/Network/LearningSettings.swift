import SaltireCore
import SaltireCrossbar
import SaltireLearning

/// The learning rule of a network: a protocol's `learning` section.
struct LearningSettings: Sendable {
  enum Rule: String, CaseIterable, Sendable {
    case digital
    case sgd
    case shd
    case tikiTaka = "tiki-taka"
    case tikiTaka2 = "tiki-taka-2"
    case choppedTikiTaka2 = "c-tiki-taka-2"
    case agad
  }

  private enum Reference: String, CaseIterable, Sendable {
    case zero
    case analytic
    case zeroShift = "zero-shift"
  }

  private enum CoreReference: String, CaseIterable, Sendable {
    /// Three arrays for each weight matrix.
    case shared
    /// Four arrays.
    case own
  }

  private enum Columns: String, CaseIterable, Sendable {
    case one
    case all
  }

  let rule: Rule
  let rates: LearningRates
  let finalRates: LearningRates
  let reference: ReferenceSource
  /// Nil to share the reference of the fast arrays.
  let coreReference: ReferenceSource?
  /// The pulsed update of every sample.
  let update: PulsedUpdate
  /// Nil for rules without a transfer.
  let transfer: Transfer?
  /// The fraction of half a device's range that the largest initial weight uses (ω); nil if weights
  /// are in the units of the devices.
  let omega: Double?

  init(_ reader: Reader) {
    rule = reader.choice("rule", as: Rule.self).value
    let rate = reader.number("rate", in: 1e-12...1e3).value
    let finalRate = reader.number("final_rate", default: rate, in: 1e-12...1e3).value
    let isAnalog = rule != .digital
    let transfers = isAnalog && rule != .sgd
    // A key that only another rule of the same protocol uses is allowed.
    let coreRate = Self.optional(reader, "core_rate", needed: transfers)
    let finalCoreRate =
      reader.has("final_core_rate")
      ? reader.number("final_core_rate", in: 1e-12...1e3).value : coreRate
    rates = LearningRates(fast: rate, core: coreRate)
    finalRates = LearningRates(fast: finalRate, core: finalCoreRate)
    let pairs = reader.count("pairs", default: 2000, in: 1...10_000_000).value
    switch reader.choice("reference", default: Reference.analytic).value {
    case .zero: reference = .zero
    case .analytic: reference = .analytic
    case .zeroShift: reference = .zeroShift(pairs: pairs)
    }
    let shares = reader.choice("core_reference", default: CoreReference.shared).value == .shared
    coreReference = shares ? nil : reference
    omega = reader.has("omega") ? reader.number("omega", in: 1e-3...1).value : nil
    let kind = reader.choice("pulses", default: PulsedUpdate.Kind.stochastic).value
    func update(_ key: String) -> PulsedUpdate {
      PulsedUpdate(
        kind: kind,
        management: UpdateManagement(
          maximumLength: reader.count(key, default: 100, in: 1...100_000).value))
    }
    self.update = update("train")
    let coreUpdate = update("core_train")
    let section = reader.section("transfer", required: transfers)
    let made = Self.transfer(rule, section, self.update, coreUpdate)
    transfer = transfers ? made : nil
  }

  private static func optional(_ reader: Reader, _ key: String, needed: Bool) -> Double {
    needed || reader.has(key) ? reader.number(key, in: 1e-12...1e3).value : 0
  }

  private static func transfer(
    _ rule: Rule, _ reader: Reader, _ update: PulsedUpdate, _ coreUpdate: PulsedUpdate
  ) -> Transfer {
    let period = reader.count("period", default: 1, in: 1...1_000_000).value
    let buffer = TransferBuffer(
      forgets: reader.flag("forget", default: true).value,
      momentum: Float(reader.number("momentum", default: 0.1, in: 0...1).value),
      largest: reader.count("largest", default: 1, in: 1...1000).value)
    let threshold = reader.number("threshold", default: 1, in: 1e-6...1e6).value
    let gain = Transfer.Gain(
      granularity: reader.number("granularity", default: 1, in: 1e-9...1e9).value,
      auto: reader.has("auto_granularity")
        ? reader.number("auto_granularity", in: 1e-3...1e9).value : nil)
    let flip = reader.number("flip", default: 0.005, in: 0...1).value
    let outputFlip = reader.number("output_flip", default: 0, in: 0...1).value
    let tail = reader.number("tail", default: 50, in: 1e-3...1e9).value
    let made: Transfer.Rule =
      switch rule {
      case .digital, .sgd, .shd, .tikiTaka: .direct
      case .tikiTaka2: .buffered(buffer, threshold: threshold)
      case .choppedTikiTaka2:
        .chopped(buffer, gain, probability: flip, outputProbability: outputFlip)
      case .agad:
        .dynamic(
          buffer, gain, period: Int(max((1 / max(flip, 1e-9)).rounded(.up), 2)), tail: tail)
      }
    var transfer = Transfer(made, period: period, fastUpdate: update, coreUpdate: coreUpdate)
    transfer.allColumns = reader.choice("columns", default: Columns.one).value == .all
    transfer.fastShare = reader.number("share", default: 0, in: 0...1e3).value
    transfer.scalesFastRate = reader.flag("auto_scale", default: false).value
    if reader.has("bound") || reader.has("bits") {
      transfer.read.output = Periphery.Converter(
        bound: reader.number("bound", in: 1e-6...1e6).value,
        bits: reader.count("bits", in: 2...24).value)
    }
    transfer.read.outputNoise = reader.number("noise", default: 0, in: 0...1e3).value
    return transfer
  }
}
