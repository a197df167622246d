import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltirePrograms

/// A protocol's `swords` section: how crossed swords are measured.
struct SwordsSettings: Sendable {
  /// Where the first up branch begins.
  enum Start: String, CaseIterable, Sendable {
    /// After as many down pulses as a branch has.
    case low
    /// Where the device is.
    case asIs = "as-is"
  }

  /// Pulses of a branch, at most.
  var pulses: Int { located.value }
  private let located: Located<Int>
  /// Up branch and down branch, so many times.
  let cycles: Int
  let start: Start
  /// Conductances at which a branch turns round, siemens.
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
          Diagnostic("the turning points are the wrong way round", at: high.location))
      }
      self.turn = low.value...max(low.value, high.value)
    } else {
      turn = nil
    }
  }

  /// The pulses that swords on so many devices will ask for, at most.
  func demand(devices: Int) -> Demand {
    let branches = 2 * cycles + (start == .low ? 1 : 0)
    return Demand(
      .pulses, Located(Double(devices) * Double(branches) * Double(pulses), at: located.location),
      "the swords' number of pulses")
  }

  /// Whether a branch ends at this conductance.
  func turns(_ direction: PulseDirection, at conductance: Double) -> Bool {
    guard let turn else { return false }
    return direction == .up ? conductance >= turn.upperBound : conductance <= turn.lowerBound
  }
}
