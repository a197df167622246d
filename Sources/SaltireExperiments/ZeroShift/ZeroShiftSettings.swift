import SaltireAnalysis
import SaltireCore

/// A protocol's `zero_shift` section: when a zero-shifting train ends.
struct ZeroShiftSettings: Sendable {
  let rule: ZeroShift.Rule

  enum Keys {
    static let zeroShift = SectionKey(
      "zero_shift", "When a zero-shifting train ends.", [pairs, standardError, tolerance])
    static let pairs = Key.count(
      "pairs", in: 10...10_000_000, "Up-down pairs after which it gives up.")
    static let standardError = Key.number(
      "standard_error", in: 1e-6...10, default: 0.01,
      "Standard error of the symmetry point that is good enough, weight units.")
    static let tolerance = Key.number(
      "tolerance", in: 1e-6...10, default: 0.01,
      "Blocks of pairs agree when their means differ by at most this many weight units, or by"
        + " three standard errors.")
  }

  init(_ reader: Reader) {
    let section = reader.section(Keys.zeroShift)
    rule = ZeroShift.Rule(
      maximumPairs: section[Keys.pairs].value, standardError: section[Keys.standardError].value,
      tolerance: section[Keys.tolerance].value)
  }
}
