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
    rule = reader[Keys.rule].value
    let rate = reader[Keys.rate].value
    let finalRate = reader.optional(Keys.finalRate)?.value ?? rate
    let isAnalog = rule != .digital
    let transfers = isAnalog && rule != .sgd
    // A key that only another rule of the same protocol uses is allowed.
    let coreRate =
      transfers || reader.has(Keys.coreRate) ? reader[Keys.coreRate].value : 0
    let finalCoreRate = reader.optional(Keys.finalCoreRate)?.value ?? coreRate
    rates = LearningRates(fast: rate, core: coreRate)
    finalRates = LearningRates(fast: finalRate, core: finalCoreRate)
    let pairs = reader[Keys.pairs].value
    switch reader[Keys.reference].value {
    case .zero: reference = .zero
    case .analytic: reference = .analytic
    case .zeroShift: reference = .zeroShift(pairs: pairs)
    }
    let shares = reader[Keys.coreReference].value == .shared
    coreReference = shares ? nil : reference
    omega = reader.optional(Keys.omega)?.value
    let kind = reader[Keys.pulses].value
    func update(_ key: Key<Int>) -> PulsedUpdate {
      PulsedUpdate(kind: kind, management: UpdateManagement(maximumLength: reader[key].value))
    }
    self.update = update(Keys.train)
    let coreUpdate = update(Keys.coreTrain)
    let section = reader.section(Keys.transfer, required: transfers)
    let made = Self.transfer(rule, section, self.update, coreUpdate)
    transfer = transfers ? made : nil
  }

  private static func transfer(
    _ rule: Rule, _ reader: Reader, _ update: PulsedUpdate, _ coreUpdate: PulsedUpdate
  ) -> Transfer {
    typealias Keys = TransferKeys
    let period = reader[Keys.period].value
    let buffer = TransferBuffer(
      forgets: reader[Keys.forget].value,
      momentum: Float(reader[Keys.momentum].value),
      largest: reader[Keys.largest].value)
    let threshold = reader[Keys.threshold].value
    let gain = Transfer.Gain(
      granularity: reader[Keys.granularity].value,
      auto: reader.optional(Keys.autoGranularity)?.value)
    let flip = reader[Keys.flip].value
    let outputFlip = reader[Keys.outputFlip].value
    let tail = reader[Keys.tail].value
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
    transfer.allColumns = reader[Keys.columns].value == .all
    transfer.fastShare = reader[Keys.share].value
    transfer.scalesFastRate = reader[Keys.scales].value
    if reader.has(Keys.bound) || reader.has(Keys.bits) {
      transfer.read.output = Periphery.Converter(
        bound: reader[Keys.bound].value, bits: reader[Keys.bits].value)
    }
    transfer.read.outputNoise = reader[Keys.noise].value
    return transfer
  }
}
