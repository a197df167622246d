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

  /// Nil if the protocol has no such section: then there is no watch.
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
            "\(key) applies only with 'policy: pause'", at: section.text(key).location,
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
