import Foundation
import SaltireCore
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
  /// Wall-clock time since the session began, in seconds.
  private let age: Double

  /// Reads the end of a record.
  ///
  /// - Throws: ``SessionError``.
  public init(_ session: Session, policy: ResumePolicy) throws(SessionError) {
    self.session = session
    self.policy = policy
    end = try session.end()
    age = HostTime.date.timeIntervalSince(session.manifest.created)
  }

  /// The lab time at which a bench in wall-clock time continues; its lab time began with the
  /// session. The file date is not usable, because opening a session changes it.
  public var origin: Double { max(end.time ?? 0, age) }

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
    let gap = end.time.map { now - $0 }
    // A simulated lab in which no time passed has not changed a device.
    let stoodStill = live.clock is RemoteClock && gap == 0
    var resumption = Resumption(
      programs: end.programs, gap: gap,
      interrupted: end.isCutOff ? (stoodStill ? .repeat : policy.interrupted) : nil)
    if resumption.interrupted == .refuse {
      throw try refuse(
        &resumption,
        JournaledBench.ambiguity(end.programs - 1)
          + "; use --set resume.interrupted=read to read the devices instead, or 'repeat' to"
          + " perform it again")
    }
    // The negated comparison refuses NaN.
    if let gap, !(gap <= policy.gap) {
      throw try refuse(
        &resumption,
        "\(Quantity(gap, .second).formatted(digits: 4)) of lab time have passed since the end"
          + " of the record; the protocol allows \(Quantity(policy.gap, .second))")
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
