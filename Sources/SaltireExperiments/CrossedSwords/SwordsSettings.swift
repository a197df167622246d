import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltirePrograms

/// A protocol's `swords` section: how crossed swords are measured.
struct SwordsSettings: Sendable {
  /// Where the first up branch starts.
  enum Start: String, CaseIterable, Sendable {
    /// After as many down pulses as a branch has.
    case low
    /// At the present conductance.
    case asIs = "as-is"
  }

  /// The maximum number of pulses of a branch.
  var pulses: Int { located.value }
  private let located: Located<Int>
  /// The number of cycles of one up and one down branch.
  let cycles: Int
  let start: Start
  /// The conductances at which a branch turns, in siemens.
  let turn: ClosedRange<Double>?

  enum Keys {
    static let swords = SectionKey(
      "swords", "How crossed swords are measured.", [pulses, cycles, start, turn])
    static let pulses = Key.count("pulses", in: 10...1_000_000, "Pulses of a branch, at most.")
    static let cycles = Key.count(
      "cycles", in: 1...10_000, "How many times an up and a down branch.")
    static let start = Key.choice(
      "start", default: Start.low,
      "Where the first up branch begins. `low`: after as many down pulses as a branch has;"
        + " `as-is`: where the device is.")
    static let turn = SectionKey(
      "turn", absent: "none", "Conductances at which a branch turns round.", [low, high])
    static let low = Key.quantity("min", .siemens, in: 0...1, "Where down branches turn.")
    static let high = Key.quantity("max", .siemens, in: 0...1, "Where up branches turn.")
  }

  init(_ reader: Reader) {
    let section = reader.section(Keys.swords)
    located = section[Keys.pulses]
    cycles = section[Keys.cycles].value
    start = section[Keys.start].value
    if let turn = section.optional(Keys.turn) {
      let low = turn[Keys.low]
      let high = turn[Keys.high]
      if low.value >= high.value {
        section.conclude(
          Diagnostic("the lower turning point is not below the upper one", at: high.location))
      }
      self.turn = low.value...max(low.value, high.value)
    } else {
      turn = nil
    }
  }

  /// The maximum number of pulses for this number of devices.
  func demand(devices: Int) -> Demand {
    let branches = 2 * cycles + (start == .low ? 1 : 0)
    return Demand(
      .pulses, Located(Double(devices) * Double(branches) * Double(pulses), at: located.location),
      "the swords' number of pulses")
  }

  /// Whether a branch turns at this conductance.
  func turns(_ direction: PulseDirection, at conductance: Double) -> Bool {
    guard let turn else { return false }
    return direction == .up ? conductance >= turn.upperBound : conductance <= turn.lowerBound
  }
}
