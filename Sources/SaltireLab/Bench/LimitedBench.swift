internal import SaltireCore
internal import Synchronization

/// A bench that refuses programs beyond its ``Limits``.
///
/// Whole programs are checked before any part of them is performed: every
/// line level, either line alone and their difference, whatever the trains
/// say, because a bit train must never be what keeps a device alive. What
/// only measurement shows (the conductance window) stops the run after.
public final class LimitedBench: Bench {
  private let inner: any Bench
  private let limits: Limits
  private let pulsesSoFar = Mutex(0)
  /// The largest voltage that each drain was read with alone.
  private let fullScale = Mutex([Terminal: Double]())

  public init(_ inner: any Bench, limits: Limits) {
    self.inner = inner
    self.limits = limits
  }

  public var wiring: Wiring { inner.wiring }

  public func perform(_ program: Program) async throws(BenchError) -> Observations {
    do throws(LimitViolation) {
      try check(program.steps)
      try count(program.extent.pulses)
    } catch {
      throw .limit(error)
    }
    let observations = try await inner.perform(program)
    do throws(LimitViolation) {
      try inspect(program, observations.currents)
    } catch {
      throw .limit(error)
    }
    return observations
  }

  public func makeSafe() async -> SafeReport { await inner.makeSafe() }

  // MARK: Before

  private func check(_ steps: [Step]) throws(LimitViolation) {
    for step in steps {
      switch step {
      case .train(let train): try check(train)
      case .read(let reading): try check(reading)
      case .rest: break
      case .repeat(_, let body): try check(body)
      }
    }
  }

  private func check(_ train: PulseTrain) throws(LimitViolation) {
    try hold(train.width, within: limits.pulseWidth.value, .pulseWidth, nil)
    let limit = limits.gateVoltage.value
    for line in train.lines {
      try hold(line.level, within: limit, .gateVoltage, line.terminal.name)
      // A drain is pulsed against a row that stays.
      if wiring.sites.contains(where: { $0.drain == line.terminal }) {
        try hold(line.level, within: limits.drainVoltage.value, .drainVoltage, line.terminal.name)
      }
    }
    // Between a gate and the row of its own device the levels add up.
    guard train.lines.count > 1 else { return }
    for site in wiring.sites {
      for gate in train.lines where gate.terminal == site.gate {
        for row in train.lines where row.terminal == site.row {
          try hold(gate.level - row.level, within: limit, .gateVoltage, site.device)
        }
      }
    }
  }

  private func check(_ reading: Reading) throws(LimitViolation) {
    for site in wiring.sites {
      let rows = reading.drives.filter { $0.terminal == site.row }
      for drain in reading.drives where drain.terminal == site.drain {
        for row in rows {
          try hold(
            drain.level - row.level, within: limits.drainVoltage.value, .drainVoltage, site.device)
        }
      }
    }
    for drive in reading.drives {
      try hold(drive.level, within: limits.drainVoltage.value, .drainVoltage, drive.terminal.name)
    }
  }

  private func hold(
    _ value: Double, within limit: Double, _ kind: LimitViolation.Kind, _ place: String?
  ) throws(LimitViolation) {
    // A NaN is within nothing.
    if abs(value) <= limit { return }
    let location =
      switch kind {
      case .gateVoltage: limits.gateVoltage.location
      case .pulseWidth: limits.pulseWidth.location
      default: limits.drainVoltage.location
      }
    throw LimitViolation(
      kind: kind, value: abs(value), limit: limit, place: place, location: location)
  }

  private func count(_ pulses: Int) throws(LimitViolation) {
    let limit = limits.pulses
    try pulsesSoFar.withLock { (total: inout Int) throws(LimitViolation) in
      guard total + pulses <= limit.value else {
        throw LimitViolation(
          kind: .pulses, value: Double(total + pulses), limit: Double(limit.value), place: nil,
          location: limit.location)
      }
      total += pulses
    }
  }

  // MARK: After

  /// Holds every read of a single device against the conductance window.
  private func inspect(_ program: Program, _ currents: [Double]) throws(LimitViolation) {
    guard let window = limits.conductance else { return }
    try program.forEachDeviceRead(on: wiring, currents) { (read) throws(LimitViolation) in
      guard isFullScale(read.drive) else { return }
      let conductance = read.conductance
      if window.value.contains(conductance) { return }
      let above = conductance > window.value.upperBound
      throw LimitViolation(
        kind: .conductance, value: conductance,
        limit: above ? window.value.upperBound : window.value.lowerBound,
        place: read.site.device, location: window.location)
    }
  }

  /// Whether a drain is read with the largest voltage it was read with: a
  /// small input voltage says little about the conductance behind it.
  private func isFullScale(_ drive: Reading.Drive) -> Bool {
    fullScale.withLock { largest in
      let level = max(largest[drive.terminal] ?? 0, abs(drive.level))
      largest[drive.terminal] = level
      return abs(drive.level) > 0.99 * level
    }
  }
}
