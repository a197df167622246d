import SaltireLearning

/// The totals of a program, computed from its value. A count that overflows (possible only in a
/// record from elsewhere) saturates at the maximum, beyond every limit.
public struct Extent: Sendable, Equatable {
  /// Seconds.
  public var duration = 0.0
  /// Slots in which a gate or row line fires, each counted once per train.
  public var pulses = 0
  /// Currents measured.
  public var readings = 0
  /// The largest |V| on any line of a train, or of a drive in a read.
  public var peakPulse = 0.0
  public var peakDrive = 0.0

  public init() {}

  /// Adds `other`, multiplied by `times`.
  public mutating func add(_ other: Extent, times: Int = 1) {
    duration += other.duration * Double(times)
    // Saturates, so that an overflow exceeds every limit.
    pulses = Self.sum(pulses, other.pulses, times: times)
    readings = Self.sum(readings, other.readings, times: times)
    peakPulse = max(peakPulse, other.peakPulse)
    peakDrive = max(peakDrive, other.peakDrive)
  }

  /// `count` plus `more` times `times`, all ≥ 0.
  static func sum(_ count: Int, _ more: Int, times: Int = 1) -> Int {
    let product = more.multipliedReportingOverflow(by: times)
    let sum = count.addingReportingOverflow(product.partialValue)
    return product.overflow || sum.overflow ? .max : sum.partialValue
  }
}

extension Program {
  /// Duration, pulse and read counts, and peaks.
  public var extent: Extent { Self.extent(of: steps) }

  /// Whether any step can move a device. Such programs are recorded before they are performed.
  public var moves: Bool { steps.contains { $0.moves } }

  /// The number of currents it measures.
  public var readings: Int { steps.reduce(0) { Extent.sum($0, $1.readings) } }

  private static func extent(of steps: [Step]) -> Extent {
    var total = Extent()
    for step in steps {
      switch step {
      case .train(let train):
        var extent = Extent()
        extent.duration = train.duration
        extent.pulses = train.firingSlots
        extent.peakPulse = train.lines.reduce(0) { max($0, abs($1.level)) }
        total.add(extent)
      case .read(let reading):
        var extent = Extent()
        extent.duration = reading.integration
        extent.readings = reading.measures.count
        extent.peakDrive = reading.drives.reduce(0) { max($0, abs($1.level)) }
        total.add(extent)
      case .rest(let seconds):
        total.duration += seconds
      case .repeat(let times, let body):
        total.add(Self.extent(of: body), times: times)
      }
    }
    return total
  }
}

extension Step {
  fileprivate var moves: Bool {
    switch self {
    case .train: true
    case .read, .rest: false
    case .repeat(_, let body): body.contains { $0.moves }
    }
  }

  var readings: Int {
    switch self {
    case .read(let reading): reading.measures.count
    case .train, .rest: 0
    case .repeat(let times, let body):
      Extent.sum(0, body.reduce(0) { Extent.sum($0, $1.readings) }, times: times)
    }
  }
}

extension PulseTrain {
  /// Slots in which at least one line fires.
  public var firingSlots: Int {
    if lines.contains(where: { $0.fires == nil }) { return slots }
    if lines.isEmpty { return 0 }
    var count = 0
    for word in 0..<(slots + 63) / 64 {
      count += lines.reduce(into: UInt64(0)) { $0 |= $1.fires?.words[word] ?? 0 }.nonzeroBitCount
    }
    return count
  }
}
