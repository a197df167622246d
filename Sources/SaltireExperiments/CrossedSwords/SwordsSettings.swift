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

  init(_ reader: Reader) {
    let section = reader.section("swords", required: true)
    located = section.count("pulses", in: 10...1_000_000)
    cycles = section.count("cycles", in: 1...10_000).value
    start = section.choice("start", default: .low).value
    if section.has("turn") {
      let turn = section.section("turn")
      let low = turn.quantity("min", .siemens, in: 0...1)
      let high = turn.quantity("max", .siemens, in: 0...1)
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
