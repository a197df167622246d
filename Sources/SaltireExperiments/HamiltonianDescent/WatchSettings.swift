import SaltireCore
import SaltirePrograms

/// A protocol's `watch` section: how the symmetry points of array A are looked
/// after while it learns.
struct WatchSettings: Sendable {
  /// What is done about a symmetry point that has left its tolerance.
  enum Policy: String, CaseIterable, Sendable {
    /// It is told and noted, and training goes on.
    case warn
    /// The devices rest and are checked again; training goes on when all are
    /// back within, and ends when that does not help.
    case pause
    /// Training ends.
    case stop
  }

  /// Samples from one check to the next.
  let every: Located<Int>
  /// Up–down pairs that a check costs each device.
  let pairs: Int
  /// Weight units.
  let tolerance: Located<Double>
  let policy: Policy
  /// Seconds of a rest, and how many rests are tried.
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

  /// nil where the protocol has none: then nothing is watched.
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
            "\(key.name): only 'policy: pause' rests", at: section.location(of: key),
            hints: ["take it out, or say 'policy: pause'"]))
      }
    }
    if every.value > training.samples {
      section.conclude(
        Diagnostic(
          "with \(training.samples) samples no check falls due", at: every.location,
          hints: ["a check is made after every \(every.value) samples: lower it"]))
    }
    if training.reference != .zeroShift {
      section.conclude(
        Diagnostic(
          "a watch needs references at symmetry points, and 'reference' is"
            + " \(training.reference.rawValue)", at: section.location,
          hints: ["say 'reference: zero-shift', or take the watch out"]))
    }
  }

  /// The pulses that its checks will ask for; a pause that helps asks for more.
  func demand(devices: Int, samples: Int) -> Demand {
    let checks = Double(samples / every.value)
    return Demand(
      .pulses, Located(checks * Double(devices) * 2 * Double(pairs), at: every.location),
      "the watch's number of pulses")
  }
}
