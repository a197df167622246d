import SaltireCore
import SaltireLearning

/// The dose of one device.
public struct Dose: Sendable, Equatable, Codable {
  /// Pulses of the full gate minus row voltage; pulses on the gate alone if the train has no row
  /// line.
  public var pulses = 0
  /// Half-selected pulses: on only one of two lines, with half of the voltage at half-bias.
  public var halfSelected = 0
  /// Seconds with gate minus row ≠ 0.
  public var seconds = 0.0
  /// The integral of |gate minus row| over time, volt seconds.
  public var voltSeconds = 0.0
  /// The largest |gate minus row|, volts.
  public var peak = 0.0

  public init() {}

  /// Adds `other`, multiplied by `times`.
  public mutating func add(_ other: Dose, times: Int = 1) {
    guard times > 0 else { return }
    pulses = Extent.sum(pulses, other.pulses, times: times)
    halfSelected = Extent.sum(halfSelected, other.halfSelected, times: times)
    seconds += other.seconds * Double(times)
    voltSeconds += other.voltSeconds * Double(times)
    peak = max(peak, other.peak)
  }

  /// As part of a sentence.
  public var text: String {
    if pulses == 0 { return "no pulses" }
    let voltSeconds = Quantity(voltSeconds, .voltSecond).formatted(digits: 4)
    return "\(pulses) pulses (\(voltSeconds))"
  }

  fileprivate mutating func add(_ count: Int, of voltage: Double, width: Double, isHalf: Bool) {
    guard count > 0, voltage != 0 else { return }
    if isHalf {
      halfSelected = Extent.sum(halfSelected, count)
    } else {
      pulses = Extent.sum(pulses, count)
    }
    seconds += Double(count) * width
    voltSeconds += Double(count) * width * abs(voltage)
    peak = max(peak, abs(voltage))
  }
}

extension Program {
  /// The dose of every device of `wiring` that it reaches, by name.
  public func doses(on wiring: Wiring) -> [String: Dose] {
    var doses: [String: Dose] = [:]
    for site in wiring.sites {
      let dose = Self.dose(of: steps, at: site)
      if dose != Dose() { doses[site.device] = dose }
    }
    return doses
  }

  private static func dose(of steps: [Step], at site: Wiring.Site) -> Dose {
    var total = Dose()
    for step in steps {
      switch step {
      case .train(let train): total.add(train.dose(at: site))
      case .read, .rest: break
      case .repeat(let times, let body): total.add(dose(of: body, at: site), times: times)
      }
    }
    return total
  }
}

extension PulseTrain {
  fileprivate func dose(at site: Wiring.Site) -> Dose {
    let gate = lines.first { $0.terminal == site.gate }
    let row = lines.first { $0.terminal == site.row }
    var dose = Dose()
    guard gate != nil || row != nil else { return dose }
    var (both, gateOnly, rowOnly) = (0, 0, 0)
    // Without bit trains there may be too many slots to visit one by one.
    if gate?.fires == nil, row?.fires == nil {
      if gate != nil, row != nil { both = slots } else if gate != nil { gateOnly = slots }
      if gate == nil { rowOnly = slots }
    } else {
      for index in 0..<(slots + 63) / 64 {
        let (gates, rows) = (word(index, of: gate), word(index, of: row))
        both += (gates & rows).nonzeroBitCount
        gateOnly += (gates & ~rows).nonzeroBitCount
        rowOnly += (rows & ~gates).nonzeroBitCount
      }
    }
    let (gateLevel, rowLevel) = (gate?.level ?? 0, row?.level ?? 0)
    dose.add(both, of: gateLevel - rowLevel, width: width, isHalf: false)
    dose.add(gateOnly, of: gateLevel, width: width, isHalf: row != nil)
    dose.add(rowOnly, of: rowLevel, width: width, isHalf: true)
    return dose
  }

  /// The slots 64·index … of a line as bits: zero without the line, all ones if it fires in every
  /// slot.
  package func word(_ index: Int, of line: Line?) -> UInt64 {
    guard let line else { return 0 }
    if let fires = line.fires { return fires.words[index] }
    let left = slots - 64 * index
    return left >= 64 ? .max : (1 << UInt64(left)) - 1
  }
}
