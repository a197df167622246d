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

  /// nil where the protocol has none: then nothing is watched.
  init?(_ reader: Reader, training: TrainingSettings) {
    guard reader.has("watch") else { return nil }
    let section = reader.section("watch")
    every = section.count("every", in: 1...100_000_000)
    pairs = section.count("pairs", in: 10...10_000_000).value
    tolerance = section.number("tolerance", in: 1e-6...10)
    policy = section.choice("policy").value
    let rest = section.has("rest") || policy == .pause
    let tries = section.has("tries")
    self.rest = rest ? section.quantity("rest", .second, in: 0...1e6).value : 0
    self.tries = tries ? section.count("tries", in: 1...10_000).value : 3
    if policy != .pause {
      for key in (rest ? ["rest"] : []) + (tries ? ["tries"] : []) {
        section.conclude(
          Diagnostic(
            "\(key): only 'policy: pause' rests", at: section.text(key).location,
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
