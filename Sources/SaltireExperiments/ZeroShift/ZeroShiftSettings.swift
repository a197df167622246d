import SaltireAnalysis
import SaltireCore

/// A protocol's `zero_shift` section: when a zero-shifting train ends.
struct ZeroShiftSettings: Sendable {
  let rule: ZeroShift.Rule

  init(_ reader: Reader) {
    let section = reader.section("zero_shift", required: true)
    rule = ZeroShift.Rule(
      maximumPairs: section.count("pairs", in: 10...10_000_000).value,
      standardError: section.number("standard_error", default: 0.01, in: 1e-6...10).value,
      tolerance: section.number("tolerance", default: 0.01, in: 1e-6...10).value)
  }
}
