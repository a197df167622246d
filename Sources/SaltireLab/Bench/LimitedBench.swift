internal import SaltireCore
internal import Synchronization

/// A bench that refuses programs beyond its ``Limits``.
///
/// Whole programs are checked before any part of them is performed. What
/// only measurement shows (the conductance window, a leak) stops the run after.
public final class LimitedBench: Bench {
  private let inner: any Bench
  private let limits: Limits
  private let check: ProgramCheck
  private let soFar = Mutex((pulses: 0, charge: 0.0))
  /// The largest voltage that each drain was read with alone.
  private let fullScale = Mutex([Terminal: Double]())

  public init(_ inner: any Bench, limits: Limits) {
    self.inner = inner
    self.limits = limits
    check = ProgramCheck(limits: limits, wiring: inner.wiring)
  }

  public var wiring: Wiring { inner.wiring }

  public func perform(_ program: Program) async throws(BenchError) -> Observations {
    try check.check(program.steps)
    do throws(LimitViolation) { try count(program) } catch { throw .limit(error) }
    let observations = try await inner.perform(program)
    guard limits.areMeasured else { return observations }
    do throws(LimitViolation) {
      try inspect(program, observations.currents)
    } catch {
      throw .limit(error)
    }
    return observations
  }

  public func makeSafe() async -> SafeReport { await inner.makeSafe() }

  // MARK: Before

  private func count(_ program: Program) throws(LimitViolation) {
    let pulses = program.extent.pulses
    let charge = limits.charge == nil ? 0 : check.charge(program)
    try soFar.withLock { (total: inout (pulses: Int, charge: Double)) throws(LimitViolation) in
      let (sum, isTooMany) = total.pulses.addingReportingOverflow(pulses)
      guard !isTooMany, sum <= limits.pulses.value else {
        throw LimitViolation(
          kind: .pulses, value: Double(total.pulses) + Double(pulses),
          limit: Double(limits.pulses.value), place: nil, location: limits.pulses.location)
      }
      if let limit = limits.charge, !(total.charge + charge <= limit.value) {
        throw LimitViolation(
          kind: .charge, value: total.charge + charge, limit: limit.value, place: nil,
          location: limit.location)
      }
      total = (sum, total.charge + charge)
    }
  }

  // MARK: After

  /// Holds every read of a single device against its conductance window, and
  /// what its terminals' currents leave.
  private func inspect(_ program: Program, _ currents: [Double]) throws(LimitViolation) {
    try program.forEachDeviceRead(on: wiring, currents) { (read) throws(LimitViolation) in
      let own = limits.of(read.site.device)
      if let leak = own.leak, let lost = read.lost, !(abs(lost) <= leak.value) {
        throw LimitViolation(
          kind: .leak, value: abs(lost), limit: leak.value, place: read.site.device,
          location: leak.location)
      }
      guard let window = own.conductance, isFullScale(read.drive) else { return }
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
