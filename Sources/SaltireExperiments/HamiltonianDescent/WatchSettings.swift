import SaltireCore
import SaltirePrograms

/// A protocol's `watch` section: how the symmetry points of array A are supervised during training.
struct WatchSettings: Sendable {
  /// What happens if a symmetry point leaves its tolerance.
  enum Policy: String, CaseIterable, Sendable {
    /// A warning is printed and recorded, and training continues.
    case warn
    /// The devices rest and are checked again. Training continues when all are within the
    /// tolerance, and ends if resting does not help.
    case pause
    /// Training ends.
    case stop
  }

  /// Samples between checks.
  let every: Located<Int>
  /// Up–down pairs that a check applies to each device.
  let pairs: Int
  /// Weight units.
  let tolerance: Located<Double>
  let policy: Policy
  /// Seconds of a rest, and the maximum number of rests.
  let rest: Double
  let tries: Int

  enum Keys {
    static let watch = SectionKey(
      "watch", absent: "none", when: "with `reference: zero-shift`",
      "How the symmetry points of array A are looked after while it learns.",
      [every, pairs, tolerance, policy, rest, tries])
    static let every = Key.count(
      "every", in: 1...100_000_000, "Samples between checks, at most `samples`.")
    static let pairs = Key.count(
      "pairs", in: 10...10_000_000, "Up-down pairs that a check costs each device of A.")
    static let tolerance = Key.number(
      "tolerance", in: 1e-6...10, "Weight units between symmetry point and reference.")
    static let policy = Key<Policy>.choice("policy", "What is done about a point beyond it.")
    static let rest = Key.quantity(
      "rest", .second, in: 0...1e6, when: pauses, "Time of a rest.")
    static let tries = Key.count(
      "tries", in: 1...10_000, default: 3, when: pauses, "Rests before the run ends.")
    private static let pauses = "with `policy: pause`"
  }

  /// Nil if the protocol has no such section: then there is no watch.
  init?(_ reader: Reader, training: TrainingSettings) {
    guard let section = reader.optional(Keys.watch) else { return nil }
    every = section[Keys.every]
    pairs = section[Keys.pairs].value
    tolerance = section[Keys.tolerance]
    policy = section[Keys.policy].value
    rest = policy == .pause || section.has(Keys.rest) ? section[Keys.rest].value : 0
    tries = section[Keys.tries].value
    if policy != .pause {
      let pauses: [any DeclaredKey] = [Keys.rest, Keys.tries]
      for key in pauses where section.has(key) {
        section.conclude(
          Diagnostic(
            "\(key.name) applies only with 'policy: pause'", at: section.location(of: key),
            hints: ["remove it, or set 'policy: pause'"]))
      }
    }
    if every.value > training.samples {
      section.conclude(
        Diagnostic(
          "with \(training.samples) samples, no check would be made", at: every.location,
          hints: ["a check is made after every \(every.value) samples: lower this number"]))
    }
    if training.reference != .zeroShift {
      section.conclude(
        Diagnostic(
          "the watch compares with symmetry points, but 'reference' is"
            + " \(training.reference.rawValue)", at: section.location,
          hints: ["set 'reference: zero-shift', or remove the watch"]))
    }
  }

  /// The number of pulses that its checks will apply; pauses add more.
  func demand(devices: Int, samples: Int) -> Demand {
    let checks = Double(samples / every.value)
    return Demand(
      .pulses, Located(checks * Double(devices) * 2 * Double(pairs), at: every.location),
      "the watch's number of pulses")
  }
}
