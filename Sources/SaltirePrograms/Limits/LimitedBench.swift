import SaltireCore
import Synchronization

/// A bench that refuses programs beyond its ``Limits``.
///
/// It checks a whole program before any part is performed. Violations that only a measurement shows
/// (conductance window, leakage) stop the run afterwards.
public final class LimitedBench: Bench {
  private let inner: any Bench
  private let limits: Limits
  private let check: ProgramCheck
  /// The devices with lifetime limits.
  private let lifetimeLimited: [(site: Wiring.Site, lifetime: Lifetime, place: String)]
  private let soFar: Mutex<Total>
  /// The largest voltage at which each drain was read alone.
  private let fullScale = Mutex([Terminal: Double]())

  /// The totals of accepted programs: of all devices in this session, and the lifetime dose of each
  /// device with lifetime limits.
  private struct Total {
    var pulses = 0
    var charge = 0.0
    var lives: [String: Dose] = [:]
  }

  /// The contribution of one program.
  private struct Share {
    let pulses: Int
    /// In coulombs; 0 if the charge is not limited.
    let charge: Double
    /// The doses of devices with lifetime limits, by name.
    let doses: [String: Dose]
  }

  /// - Parameters:
  ///   - inner: the bench that performs the programs.
  ///   - limits: the limits to enforce.
  ///   - histories: the histories of the known devices, by name, without the programs of a resumed
  ///     session, which are counted again.
  public init(_ inner: any Bench, limits: Limits, histories: [String: DeviceHistory] = [:]) {
    self.inner = inner
    self.limits = limits
    check = ProgramCheck(limits: limits, wiring: inner.wiring)
    lifetimeLimited = inner.wiring.sites.compactMap { site in
      let lifetime = limits.of(site.device).lifetime
      guard lifetime.isLimited else { return nil }
      let identity = histories[site.device].map { " (\($0.identity.text))" }
      return (site, lifetime, site.device + (identity ?? ""))
    }
    soFar = Mutex(Total(lives: histories.mapValues(\.dose)))
  }

  public var wiring: Wiring { inner.wiring }

  public func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    try check.check(program.steps)
    try check.checkDuty(program)
    let share = Share(
      pulses: program.extent.pulses, charge: limits.charge == nil ? 0 : check.charge(program),
      doses: lifetimeLimited.isEmpty ? [:] : program.doses(on: wiring))
    _ = try BenchError.limited { () throws(LimitViolation) in
      try total(soFar.withLock(\.self), with: share)
    }
    let prepared = try await inner.prepare(program)
    return PreparedProgram(Limited(bench: self, program: program, share: share, inner: prepared))
  }

  private struct Limited: Performance {
    let bench: LimitedBench
    let program: Program
    let share: Share
    let inner: PreparedProgram

    func perform() async throws(BenchError) -> Observations {
      try bench.add(share)
      let observations = try await inner.perform()
      if bench.limits.areMeasured { try bench.hold(program, observations) }
      return observations
    }
  }

  /// Adds a program to the totals, within their limits: other programs may have been performed
  /// since it was prepared.
  private func add(_ share: Share) throws(BenchError) {
    try BenchError.limited { () throws(LimitViolation) in
      try soFar.withLock { (soFar: inout Total) throws(LimitViolation) in
        soFar = try total(soFar, with: share)
      }
    }
  }

  private func hold(_ program: Program, _ observations: Observations) throws(BenchError) {
    try BenchError.limited { () throws(LimitViolation) in
      try inspect(program, observations.currents)
    }
  }

  public func idle() async throws(BenchError) { try await inner.idle() }

  public func verify() async throws(BenchError) { try await inner.verify() }

  public func makeSafe() async -> SafeReport { await inner.makeSafe() }

  // MARK: Before a program

  /// The totals including this program, if they are within the limits.
  private func total(_ before: Total, with share: Share) throws(LimitViolation) -> Total {
    var total = before
    let (sum, isTooMany) = total.pulses.addingReportingOverflow(share.pulses)
    try limits.limit(.pulses)?.require(isTooMany ? .infinity : Double(sum))
    total.pulses = sum
    if let limit = limits.limit(.charge) {
      total.charge += share.charge
      try limit.require(total.charge)
    }
    for (site, lifetime, place) in lifetimeLimited {
      guard let dose = share.doses[site.device] else { continue }
      try lifetime.hold(dose, after: total.lives[site.device] ?? Dose(), of: place)
      total.lives[site.device, default: Dose()].add(dose)
    }
    return total
  }

  // MARK: After a program

  /// Checks every read of a single device against its conductance window, and the sum of its
  /// terminal currents against the leakage limit.
  private func inspect(_ program: Program, _ currents: [Double]) throws(LimitViolation) {
    try program.forEachDeviceRead(on: wiring, currents) { (read) throws(LimitViolation) in
      let own = limits.of(read.site.device)
      if let lost = read.lost { try own.limit(.leak)?.require(lost, at: read.site.device) }
      if let window = own.limit(.conductance), isFullScale(read.drive) {
        try window.require(read.conductance, at: read.site.device)
      }
    }
  }

  /// Whether a drain is read at its largest read voltage so far: at a small input voltage the
  /// conductance is uncertain.
  private func isFullScale(_ drive: Reading.Drive) -> Bool {
    fullScale.withLock { largest in
      let level = max(largest[drive.terminal] ?? 0, abs(drive.level))
      largest[drive.terminal] = level
      return abs(drive.level) > 0.99 * level
    }
  }
}
