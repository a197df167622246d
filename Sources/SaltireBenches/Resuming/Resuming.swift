import Foundation
public import SaltireCore
import SaltireInstruments
import SaltireLinks
public import SaltirePrograms
public import SaltireRecords
import SaltireRig
import SaltireSimulation

/// An interrupted run that is about to be resumed: the checks before anything is energised, and the
/// actions of the resume policy.
public struct Resuming: Sendable {
  private let session: Session
  private let policy: ResumePolicy
  private let end: (programs: Int, isCutOff: Bool, time: Double?)
  /// The present moment, with the lab time at which a bench in wall-clock time continues. The file
  /// date tells nothing, because opening a session changes it.
  private let anchor: Resumption.Anchor
  /// By how much the clock was set in the gap, on such a bench; see ``Resumption/shift``.
  private let shift: Double?
  /// Whether the gap is known on such a bench.
  private let isKnown: Bool

  /// Reads the end of a record.
  ///
  /// - Throws: ``SessionError``.
  public init(
    _ session: Session, policy: ResumePolicy, at now: HostMoment = HostTime.moment
  ) throws(SessionError) {
    self.session = session
    self.policy = policy
    end = try session.end()
    let last = try session.anchor()
    let (seconds, shift) = now.elapsed(since: last.moment)
    let gap = last.time + seconds - (end.time ?? 0)
    isKnown = gap >= -Self.inaccuracy
    self.shift = isKnown ? shift.flatMap { abs($0) > Self.inaccuracy ? $0 : nil } : gap
    anchor = .init(moment: now, time: (end.time ?? 0) + max(gap, 0))
  }

  /// Seconds by which dates may be wrong: they are set while a computer runs, and earlier versions
  /// dated a session after connecting.
  private static let inaccuracy = 60.0

  /// The lab time at which a bench in wall-clock time continues.
  public var origin: Double { anchor.time }

  /// A bench that answers from the record and then continues.
  ///
  /// - Parameters:
  ///   - open: the bench.
  ///   - prepare: an action that must succeed before anything is energised.
  /// - Throws: ``BenchError/notResumable(_:)`` according to the policy.
  public func bench(
    _ open: OpenBench, prepare: @escaping @Sendable () async throws(BenchError) -> Void
  ) async throws(BenchError) -> JournaledBench {
    guard let live = open.live, open.lab == nil else {
      // The simulated devices were lost with the process; they are made and pulsed again.
      return try journal(open.bench, .performedAgain, .repeat, prepare)
    }
    let now = try await live.time()
    let isServed = live.clock is RemoteClock
    let gap = end.time.map { now - $0 }
    // A simulated lab in which no time passed has not changed a device.
    let stoodStill = isServed && gap == 0
    let isKnown = isServed ? gap.map { $0 >= 0 } ?? true : isKnown
    var resumption = Resumption(
      programs: end.programs, gap: isKnown ? gap : nil,
      interrupted: end.isCutOff ? (stoodStill ? .repeat : policy.interrupted) : nil)
    if end.time != nil { resumption.shift = isServed ? (isKnown ? nil : gap) : shift }
    if !isServed { resumption.anchor = anchor }
    if resumption.interrupted == .refuse {
      throw try refuse(
        &resumption,
        JournaledBench.ambiguity(end.programs - 1)
          + "; use --set resume.interrupted=read to read the devices instead, or 'repeat' to"
          + " perform it again")
    }
    // The negated comparison refuses NaN.
    if let gap, !((isKnown ? gap : ResumePolicy.longestGap) <= policy.gap) {
      let allowed = "the protocol allows \(Quantity(policy.gap, .second))"
      let any = "resume.gap=\(Quantity(ResumePolicy.longestGap, .second))".quotedForShell
      throw try refuse(
        &resumption,
        isKnown
          ? "\(Quantity(gap, .second).formatted(digits: 4)) of lab time have passed since the end"
            + " of the record; \(allowed)"
          : "the time since the end of the record is not known, because the clock was set back;"
            + " \(allowed); set the clock, or use --set \(any) to allow any gap")
    }
    let begun = resumption
    return try journal(open.bench, .recalled, begun.interrupted ?? .refuse) {
      () async throws(BenchError) in
      try await prepare()
      try await self.check(begun, rereads: !stoodStill, live)
    }
  }

  private func journal(
    _ bench: any Bench, _ past: JournaledBench.Past, _ interrupted: ResumePolicy.Interrupted,
    _ begin: @escaping @Sendable () async throws(BenchError) -> Void
  ) throws(BenchError) -> JournaledBench {
    do throws(SessionError) {
      session.recall()
      return try JournaledBench(
        bench, session: session, past: past, interrupted: interrupted, begin: begin)
    } catch {
      throw .failed(error)
    }
  }

  /// Reads the devices again, and refuses if one has changed too much.
  private func check(
    _ begun: Resumption, rereads: Bool, _ live: LiveBench
  ) async throws(BenchError) {
    var resumption = begun
    if rereads {
      let before: [DeviceRead]
      do throws(SessionError) {
        before = try session.lastReads(on: live.wiring)
      } catch {
        throw .failed(error)
      }
      let currents = try await live.perform(Program(before.map(\.step))).currents
      for (read, current) in zip(before, currents) {
        var now = read
        now.current = current
        resumption.devices.append(
          Resumption.Device(
            name: read.site.device, recorded: read.conductance, found: now.conductance))
      }
    }
    // The negated comparison refuses NaN.
    if let worst = resumption.devices.first(where: { !($0.drift <= policy.drift) }) {
      throw try refuse(
        &resumption,
        "the conductance of \(worst.name) was"
          + " \(Quantity(worst.recorded, .siemens).formatted(digits: 4)) and is now"
          + " \(Quantity(worst.found, .siemens).formatted(digits: 4)): a relative change of"
          + " \(Quantity(worst.drift, .one).formatted(digits: 3)); the protocol allows"
          + " \(Quantity(policy.drift, .one).formatted(digits: 3))")
    }
    try add(resumption)
  }

  /// Records why the run is not resumed.
  private func refuse(_ resumption: inout Resumption, _ reason: String) throws(BenchError)
    -> BenchError
  {
    resumption.refusal = reason
    try add(resumption)
    return .notResumable(reason)
  }

  private func add(_ resumption: Resumption) throws(BenchError) {
    do throws(SessionError) {
      try session.add(resumption)
      try session.settle()
    } catch {
      throw .failed(error)
    }
  }
}
