import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRecords
import SaltireRig

/// A run of an experiment, with its instruments and session: started from the beginning or resumed.
struct Recording {
  private let inputs: Inputs
  private let seed: UInt64
  private let identities: [String: DeviceIdentity]
  private let stop: Stop
  private let json: Bool
  private let progress: Progress
  private let wire = WireLog()
  /// The rig lock, taken before anything is sent.
  private let lock: RigLock
  private let purpose: String

  /// What a run needs besides its bench.
  private struct Surroundings {
    let session: Session
    let open: OpenBench
    let account: DoseAccount?
    let watch: Watch
    /// Whether the run continues a record.
    let isResumed: Bool
  }

  /// - Parameter identities: the confirmed identities of the devices, by name.
  /// - Throws: `RigLockError` if another process uses the instruments.
  init(
    _ inputs: Inputs, seed: UInt64, identities: [String: DeviceIdentity], stop: Stop, json: Bool,
    progress: Progress, purpose: String
  ) throws {
    self.purpose = purpose
    lock = try RigLock(
      inputs.bench.station?.addresses ?? [], for: RigLock.Holder(purpose: purpose))
    self.inputs = inputs
    self.seed = seed
    self.identities = identities
    self.stop = stop
    self.json = json
    self.progress = progress
  }

  /// Runs from the beginning, with a new session in `folder`.
  func begin(in folder: String) async throws {
    let wire = wire
    let account = try account()
    let began = HostTime.moment
    let open = try OpenBench(inputs.bench, seed: seed) { wire.add($1, of: $0) }
    // Checks the identity of the instruments before the session is created and before any setting
    // changes.
    let instruments = try await open.live?.connect()
    Self.warnOfAlike(in: inputs.bench.station)
    let session = try Session.create(
      at: try SessionName.next(inputs.experiment.name, in: folder),
      manifest: inputs.manifest(
        seed: seed, began: began, instruments: instruments, identities: identities,
        doses: account?.histories.mapValues(\.dose)),
      durability: durability)
    let watch = watch(over: open, session)
    let bench = try JournaledBench(open.bench, session: session) {
      () async throws(BenchError) in
      try account?.open(session)
      try watch.begin(open.stepping)
      try await Self.arm(open)
    }
    defer { watch.end() }
    let limited = LimitedBench(
      bench, limits: inputs.limits, histories: account?.histories ?? [:])
    try await run(
      limited,
      Surroundings(session: session, open: open, account: account, watch: watch, isResumed: false))
  }

  /// Resumes an interrupted run in its session.
  ///
  /// - Parameter recorded: the limits of the record, which apply together with the present ones.
  func goOn(in url: URL, recorded: Limits) async throws {
    let session = try Session.reopen(url, durability: durability)
    do {
      try await goOn(session, recorded)
    } catch {
      // Removes the write-ahead log, so that the session is one file again.
      try? session.close()
      throw error
    }
  }

  private func goOn(_ session: Session, _ recorded: Limits) async throws {
    let resuming = try Resuming(session, policy: inputs.experiment.resume)
    let wire = wire
    let account = try account(resuming: session)
    let open = try OpenBench(inputs.bench, seed: seed, origin: resuming.origin) {
      wire.add($1, of: $0)
    }
    _ = try await open.live?.connect()
    let watch = watch(over: open, session)
    defer { watch.end() }
    let bench = try await resuming.bench(open) { () async throws(BenchError) in
      try account?.open(session)
      try watch.begin(open.stepping)
      try await Self.arm(open)
    }
    let histories = account?.histories ?? [:]
    let limited = LimitedBench(
      LimitedBench(bench, limits: recorded, histories: histories), limits: inputs.limits,
      histories: histories)
    try await run(
      limited,
      Surroundings(session: session, open: open, account: account, watch: watch, isResumed: true))
  }

  /// Warns of instruments whose addresses could be exchanged without notice.
  static func warnOfAlike(in station: Station?) {
    for alike in station?.alike ?? [] {
      let names = alike.map(\.name)
      Console.error(
        "warning: \(names.dropLast().joined(separator: ", ")) and \(names.last ?? "") are all"
          + " \(alike[0].model.name), and the bench file does not give every serial number: if their"
          + " addresses were exchanged, pulses would reach other devices ('saltire check --pin'"
          + " adds the serial numbers)")
    }
  }

  /// Arms the instruments and reports errors that were already in their queues.
  private static func arm(_ open: OpenBench) async throws(BenchError) {
    let errors = try await open.live?.arm() ?? [:]
    for (name, reports) in errors.sorted(by: { $0.key < $1.key }) {
      Console.error("warning: the error queue of \(name) was not empty: \(reports.summary)")
    }
  }

  /// The previous dose of the devices; nil if their identity is unknown or there are
  /// no devices outside this process.
  private func account(resuming session: Session? = nil) throws -> DoseAccount? {
    guard inputs.bench.isOutside, inputs.experiment.isOnDevices else { return nil }
    let unknown = inputs.bench.wiring.sites.map(\.device).filter { identities[$0] == nil }
    if !unknown.isEmpty {
      Console.error(
        "warning: the identity of \(unknown.joined(separator: ", ")) is not confirmed, so no dose"
          + " is recorded for \(unknown.count == 1 ? "it" : "them")")
    }
    if identities.isEmpty { return nil }
    let ledger = try Ledger(LedgerPlace.url)
    let account = try DoseAccount(
      ledger, identities: identities, on: inputs.bench.wiring, within: inputs.bench.limits,
      resuming: session.map { ($0, inputs.experiment.resume) })
    if ledger.isNew {
      Console.error(
        "warning: no dose ledger at \(ledger.url.path): a new one was created, which lacks"
          + " all earlier doses of these devices")
    }
    for open in account.unsettled { Console.error("warning: \(open.text)") }
    return account
  }

  private func watch(over open: OpenBench, _ session: Session) -> Watch {
    lock.update(RigLock.Holder(purpose: purpose, session: session.url.path))
    return Watch(
      inputs.bench.isOutside && inputs.bench.guardian.isEnabled
        ? GuardianPlan(
          inputs.bench, settings: inputs.overrides.split(by: BenchFile.keys).matching,
          session: session.url) : nil, lock, stop)
  }

  /// Simulated devices do not outlive this process, so their sessions need no full sync.
  private var durability: Session.Durability {
    inputs.bench.isOutside ? .powerLoss : .batched
  }

  private func run(_ bench: LimitedBench, _ around: Surroundings) async throws {
    wire.begin(in: around.session)
    let stop = stop
    let result = await Runner.run(
      inputs.experiment, on: bench, seed: seed, session: around.session,
      recorded: around.isResumed ? try inputs.experiment.beginning(in: around.session) : nil,
      persistence: inputs.bench.isOutside ? inputs.bench.guardian.persistence : 0,
      isStopping: { stop.isRequested }, watch: progress.hear)
    // From here nothing can switch an output on, so the guardian must not judge the end of the run.
    if result.safe.isSafe { around.watch.end() }
    progress.end()
    try conclude(result, around)
  }

  /// Stores and prints the outcome. A disk error here must not hide the state of the outputs.
  private func conclude(_ result: RunResult, _ around: Surroundings) throws {
    let session = around.session
    var failure = failure(result)
    // A resumed run that sent nothing keeps its earlier ending.
    let isUnchanged = session.isRecalling && (try? result.conclusion.get()) == nil
    if failure?.code == .limit, around.isResumed {
      failure?.diagnostics[0].hints.append(
        "a session keeps the limits it was started with; start another one with 'saltire run'")
    }
    let ending = Ending(
      exitCode: Int(failure?.code.rawValue ?? 0),
      // The outcome already holds the verdict as a code.
      message: failure?.code == .verdict ? nil : failure?.message,
      location: failure?.diagnostics.first?.location,
      outcome: try? result.conclusion.get().json, truth: around.open.truth.map(JSONText.encode),
      duration: result.duration, wall: result.wall, pulses: result.pulses,
      safe: result.safe.isSafe, isDoubtful: result.isDoubtful ? true : nil)
    var summary = Summary(
      manifest: session.manifest, path: session.url.relativePath, ending: ending)
    if inputs.bench.isOutside { summary.commissioned = commissioned(result, session) }
    func fail(_ storage: Failure) {
      let known = failure?.diagnostics ?? []
      failure = Failure(
        failure?.code == .notSafe ? .notSafe : storage.code,
        known + storage.diagnostics.filter { !known.contains($0) })
    }
    do throws(SessionError) {
      try wire.finish()
      if !isUnchanged { try session.finish(ending) }
    } catch {
      fail(Failure(error))
    }
    do throws(BenchError) {
      if let account = around.account, try !account.settle(session) {
        Console.error(
          "warning: the dose ledger was restored from an earlier copy during the run; this"
            + " run is entered again, but other runs since that copy are missing from it")
      }
    } catch {
      var late = Failure(error)
      late.diagnostics[0].hints = ["the run is complete; a later 'saltire dose' enters its dose"]
      fail(late)
    }
    do throws(SessionError) { try session.close() } catch { fail(Failure(error)) }
    if isUnchanged, let failure { throw failure }
    Console.print(json ? summary.document(failure: failure).text(indented: true) : summary.text)
    if let failure {
      Console.error(failure.rendered)
      throw ExitCode(failure.code.rawValue)
    }
  }

  /// Enters a commissioning, and tells when the bench was last commissioned before any other run.
  private func commissioned(_ result: RunResult, _ session: Session) -> String? {
    let overrides = inputs.overrides.split(by: BenchFile.keys).matching
    guard inputs.experiment.name == CommissioningExperiment.name else {
      return CommissioningLog.text(session.manifest, bench: overrides)
    }
    guard case .success(let conclusion) = result.conclusion else { return nil }
    do {
      try CommissioningLog.enter(
        session.manifest, bench: overrides, session: session.url,
        isFaultless: conclusion.verdict == nil)
    } catch {
      Console.error("warning: later runs will not know of this commissioning: \(error)")
    }
    return nil
  }

  /// The failure of a result, if any. An output that is not safe takes precedence.
  private func failure(_ result: RunResult) -> Failure? {
    let cause: Failure?
    switch result.conclusion {
    case .failure(.cancelled):
      cause =
        stop.reason.map {
          Failure(.interrupted, "\($0); all measurements are in the session")
        } ?? Failure(.cancelled)
    case .failure(let error): cause = Failure(error)
    case .success(let conclusion): cause = conclusion.verdict.map { Failure(.verdict, $0) }
    }
    if !result.safe.isSafe {
      return Failure(
        .notSafe,
        [
          Diagnostic(
            "NOT CONFIRMED SAFE: \(result.safe.open)",
            hints: ["switch the outputs off by hand now"])
        ] + (cause?.diagnostics ?? []))
    }
    return cause
  }
}
