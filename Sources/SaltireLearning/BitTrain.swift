public import SaltireCore

/// The slots in which a pulse train fires: bit k belongs to slot k.
public struct BitTrain: Sendable, Hashable {
  /// How many slots the train has.
  public let count: Int
  /// The bits, slot 0 lowest, 64 to a word; those beyond `count` are 0.
  public let words: [UInt64]

  /// A train whose bits are given, slot 0 first.
  public init(_ bits: [Bool]) {
    var words = [UInt64](repeating: 0, count: (bits.count + 63) / 64)
    for (slot, bit) in bits.enumerated() where bit { words[slot / 64] |= 1 << UInt64(slot % 64) }
    self.init(count: bits.count, words: words)
  }

  /// A train of `count` slots that all fire.
  public init(full count: Int) {
    let words = (0..<(count + 63) / 64).map { word in
      let left = count - word * 64
      return left >= 64 ? UInt64.max : (1 << UInt64(left)) - 1
    }
    self.init(count: count, words: words)
  }

  /// A Bernoulli train: each slot fires when a uniform deviate lies below
  /// `probability` (Gokmen and Vlasov, Front. Neurosci. 10:333, 2016).
  public init(probability: Double, count: Int, random: inout RandomStream) {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for slot in 0..<count where random.uniform() < probability {
      words[slot / 64] |= 1 << UInt64(slot % 64)
    }
    self.init(count: count, words: words)
  }

  /// A train from its words, as a record holds them; nil when the words do
  /// not fit the count.
  public init?(count: Int, recorded words: [UInt64]) {
    guard count >= 0, words.count == (count + 63) / 64 else { return nil }
    if count % 64 != 0, let last = words.last, last >> UInt64(count % 64) != 0 { return nil }
    self.init(count: count, words: words)
  }

  private init(count: Int, words: [UInt64]) {
    self.count = count
    self.words = words
  }

  /// The slots in which both this train and `other`, of the same length, fire.
  public func coincidences(with other: BitTrain) -> BitTrain {
    precondition(count == other.count, "all trains of an update have the same number of slots")
    return BitTrain(count: count, words: zip(words, other.words).map { $0 & $1 })
  }

  /// Whether slot `slot` fires.
  public subscript(slot: Int) -> Bool { words[slot / 64] >> UInt64(slot % 64) & 1 == 1 }

  /// How many slots fire.
  public var pulses: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
