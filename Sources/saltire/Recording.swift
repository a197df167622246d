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

/// A run of an experiment with everything around it: its instruments, its
/// session and its end, from the beginning or from where a record ends.
struct Recording {
  private let inputs: Inputs
  private let seed: UInt64
  private let identities: [String: DeviceIdentity]
  private let stop: Stop
  private let json: Bool
  private let progress: Progress
  private let wire = WireLog()
  /// Of the instruments, from before anything is sent to any.
  private let lock: RigLock
  private let purpose: String

  /// What one run has around its bench.
  private struct Surroundings {
    let session: Session
    let open: OpenBench
    let account: DoseAccount?
    let watch: Watch
    /// Whether it goes on where a record ends.
    let isResumed: Bool
  }

  /// - Parameter identities: which devices are connected, by name, as the operator
  ///   confirmed it.
  /// - Throws: `RigLockError` where somebody else uses the instruments.
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

  /// Runs from the beginning, into a new session in `folder`.
  func begin(in folder: String) async throws {
    let wire = wire
    let account = try account()
    let open = try OpenBench(inputs.bench, seed: seed) { wire.add($1, of: $0) }
    // Who is there, before a session is begun and while nothing is changed.
    _ = try await open.live?.connect()
    let session = try Session.create(
      at: try SessionName.next(inputs.experiment.name, in: folder),
      manifest: inputs.manifest(
        seed: seed, identities: identities, doses: account?.histories.mapValues(\.dose)),
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
      bench, limits: inputs.bench.limits, histories: account?.histories ?? [:])
    try await run(
      limited,
      Surroundings(session: session, open: open, account: account, watch: watch, isResumed: false))
  }

  /// Goes on in a session whose run was cut off.
  ///
  /// - Parameter recorded: the limits that the record was made under; of these
  ///   and those of today both hold.
  func goOn(in url: URL, recorded: Limits) async throws {
    let session = try Session.reopen(url, durability: durability)
    do {
      try await goOn(session, recorded)
    } catch {
      // As one file, whatever it was.
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
      LimitedBench(bench, limits: recorded, histories: histories), limits: inputs.bench.limits,
      histories: histories)
    try await run(
      limited,
      Surroundings(session: session, open: open, account: account, watch: watch, isResumed: true))
  }

  /// Arms the instruments, and tells of errors that somebody else left in their queues.
  private static func arm(_ open: OpenBench) async throws(BenchError) {
    let errors = try await open.live?.arm() ?? [:]
    for (name, reports) in errors.sorted(by: { $0.key < $1.key }) {
      Console.error("warning: \(name) had old errors in its queue: \(reports.summary)")
    }
  }

  /// What the devices were put through before; nil where nobody knows which they
  /// are, or nothing outlives this program.
  private func account(resuming session: Session? = nil) throws -> DoseAccount? {
    guard inputs.bench.isOutside else { return nil }
    let unknown = inputs.bench.wiring.sites.map(\.device).filter { identities[$0] == nil }
    if !unknown.isEmpty {
      Console.error(
        "warning: nobody confirmed which devices \(unknown.joined(separator: ", ")) are: their dose"
          + " is entered nowhere")
    }
    if identities.isEmpty { return nil }
    let ledger = try Ledger(LedgerPlace.url)
    let account = try DoseAccount(
      ledger, identities: identities, on: inputs.bench.wiring, within: inputs.bench.limits,
      resuming: session.map { ($0, inputs.experiment.resume) })
    if ledger.isNew {
      Console.error(
        "warning: there was no dose ledger at \(ledger.url.path): one begins now, and nothing that"
          + " was done to these devices before is in it")
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

  /// Simulated devices die with this process.
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
    // Nothing that comes now can switch anything on, nor is it a guardian's to say
    // how this ended.
    if result.safe.isSafe { around.watch.end() }
    progress.end()
    try conclude(result, around)
  }

  /// Stores and shows how it ended. A disk that fails now must not hide what
  /// became of the outputs.
  private func conclude(_ result: RunResult, _ around: Surroundings) throws {
    let session = around.session
    var failure = failure(result)
    // What has not gone on is as it was, and ended as it did.
    let isUnchanged = session.isRecalling && (try? result.conclusion.get()) == nil
    if failure?.code == .limit, around.isResumed {
      failure?.diagnostics[0].hints.append(
        "a session keeps to the limits that it was begun under: 'saltire run' begins another")
    }
    let ending = Ending(
      exitCode: Int(failure?.code.rawValue ?? 0),
      // The outcome holds a verdict as a code.
      message: failure?.code == .verdict ? nil : failure?.message,
      location: failure?.diagnostics.first?.location,
      outcome: try? result.conclusion.get().json, truth: around.open.truth.map(JSONText.encode),
      duration: result.duration, wall: result.wall, pulses: result.pulses,
      safe: result.safe.isSafe)
    let summary = Summary(
      manifest: session.manifest, path: session.url.relativePath, ending: ending)
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
          "warning: the dose ledger was put back from an earlier copy while the run went on; this"
            + " run is entered again, and what others did since that copy is missing in it")
      }
    } catch {
      var late = Failure(error)
      late.diagnostics[0].hints = ["the run is over: 'saltire dose' enters what it did later"]
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

  /// What of a result is a failure: an output that is not safe outranks all.
  private func failure(_ result: RunResult) -> Failure? {
    let cause: Failure?
    switch result.conclusion {
    case .failure(.cancelled):
      cause =
        stop.reason.map {
          Failure(.interrupted, "\($0); what was measured is in the session")
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
