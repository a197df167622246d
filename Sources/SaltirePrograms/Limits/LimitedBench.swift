import SaltireCore
import Synchronization

/// A bench that refuses programs beyond its ``Limits``.
///
/// Whole programs are checked before any part of them is performed. What
/// only measurement shows (the conductance window, a leak) stops the run after.
public final class LimitedBench: Bench {
  private let inner: any Bench
  private let limits: Limits
  private let check: ProgramCheck
  /// The devices whose lives are limited.
  private let lifetimeLimited: [(site: Wiring.Site, lifetime: Lifetime, place: String)]
  private let soFar: Mutex<Total>
  /// The largest voltage that each drain was read with alone.
  private let fullScale = Mutex([Terminal: Double]())

  /// What was asked for: of all devices in this session, and of each whose life
  /// is limited in all of that.
  private struct Total {
    var pulses = 0
    var charge = 0.0
    var lives: [String: Dose] = [:]
  }

  /// What one program asks for.
  private struct Share {
    let pulses: Int
    /// Coulombs; 0 where no charge is limited.
    let charge: Double
    /// Of the devices whose lives are limited, by name.
    let doses: [String: Dose]
  }

  /// - Parameters:
  ///   - inner: what performs.
  ///   - limits: what no program may exceed.
  ///   - histories: of the devices that are known, by name. What a resumed
  ///     session did itself is none of it: its programs are asked for again.
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

  /// Adds a program's share to the sums, within their limits: others may have been
  /// performed since it was prepared.
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

  public func makeSafe() async -> SafeReport { await inner.makeSafe() }

  // MARK: Before

  /// What was asked for with this share too, where that is within the limits.
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

  // MARK: After

  /// Holds every read of a single device against its conductance window, and
  /// what its terminals' currents leave.
  private func inspect(_ program: Program, _ currents: [Double]) throws(LimitViolation) {
    try program.forEachDeviceRead(on: wiring, currents) { (read) throws(LimitViolation) in
      let own = limits.of(read.site.device)
      if let lost = read.lost { try own.limit(.leak)?.require(lost, at: read.site.device) }
      if let window = own.limit(.conductance), isFullScale(read.drive) {
        try window.require(read.conductance, at: read.site.device)
      }
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
