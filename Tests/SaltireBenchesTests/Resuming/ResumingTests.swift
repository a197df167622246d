import Foundation
import SaltireCore
import SaltireLinks
import SaltireSimulation
import SaltireTesting
import SaltireServe
import Synchronization
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltireExperiments
@testable import SaltirePrograms
@testable import SaltireRecords
@testable import SaltireRig

@Suite struct ResumingTests {
  private let folder: TemporaryFolder
  private let url: URL
  private static let settings = ["measure=A1", "swords.pulses=40", "swords.cycles=6"]

  init() throws {
    folder = try TemporaryFolder()
    url = folder["run.saltire"]
  }

  /// A run into the session file, from its beginning or on from its end.
  private func run(
    _ open: OpenBench, _ file: BenchFile, stopAfter count: Int = .max, resuming: Bool = false,
    _ settings: [String] = [],
    of protocol: (name: String, settings: [String]) = ("crossed-swords", Self.settings),
    begun: @escaping @Sendable () -> Void = {}
  ) async throws -> Result<Conclusion, BenchError> {
    let experiment = try Shipped.experiment(
      `protocol`.name, for: file, `protocol`.settings + settings)
    let durability = file.isOutside ? Session.Durability.powerLoss : .batched
    let session =
      try resuming
      ? Session.reopen(url, durability: durability)
      : Session.create(at: url, manifest: .empty, durability: durability)
    defer { try? session.close() }
    let begin: @Sendable () async throws(BenchError) -> Void = { () async throws(BenchError) in
      begun()
      _ = try await open.live?.connect()
      try await open.live?.arm()
    }
    let bench: JournaledBench
    if resuming {
      do {
        bench = try await Resuming(session, policy: experiment.resume).bench(open, prepare: begin)
      } catch let error as BenchError {
        return .failure(error)
      }
    } else {
      bench = try JournaledBench(open.bench, session: session, begin: begin)
    }
    let probe = ProbeBench(bench)
    return await Runner.run(
      experiment, on: probe, seed: 5, session: session,
      isStopping: { probe.programs.count >= count }
    ).conclusion
  }

  private func notes() throws -> Notebook {
    let session = try Session.open(url)
    defer { try? session.close() }
    return try session.notebook()
  }

  /// Simulated devices die with their process: the record is performed on new
  /// ones, and the outcome is that of a run that was never cut off.
  @Test(arguments: ["model", "simulated"], [1, 7, 10])
  func onSimulatedDevicesTheRecordIsPerformedAgain(name: String, cut: Int) async throws {
    let file = try Shipped.bench(name)
    let whole = try await run(try OpenBench(file, seed: 5), file).get()
    let notebook = try notes()
    try FileManager.default.removeItem(at: url)

    let first = try await run(try OpenBench(file, seed: 5), file, stopAfter: cut)
    guard case .failure(.cancelled) = first else {
      Issue.record("\(first)")
      return
    }
    let again = try await run(try OpenBench(file, seed: 5), file, resuming: true).get()
    #expect(again == whole)
    #expect(try notes() == notebook)
  }

  /// A training that is cut off inside a check of its symmetry points, which
  /// finds one beyond and rests: what the check had measured counts.
  @Test func aCheckThatWasCutOffGoesOn() async throws {
    let file = try Shipped.bench()
    let training = (
      name: "shd",
      settings: [
        "samples=50", "zero_shift.tolerance=10", "zero_shift.standard_error=10", "watch.every=50",
        "watch.pairs=1000", "watch.tolerance=0.000001", "watch.policy=pause", "watch.rest=60 s",
        "watch.tries=1",
      ]
    )
    let whole = try await run(try OpenBench(file, seed: 5), file, of: training).get()
    let notebook = try notes()
    let session = try Session.open(url)
    let count = try session.stepCount()
    try session.close()
    #expect(whole.verdict?.hasSuffix("not back within after 1 rest of 60 s") == true)
    // In the check after the rest, before the rest, in the check before it.
    for back in [3, 20, 25] {
      try FileManager.default.removeItem(at: url)
      _ = try await run(
        try OpenBench(file, seed: 5), file, stopAfter: count - back, of: training)
      let again = try await run(
        try OpenBench(file, seed: 5), file, resuming: true, of: training
      ).get()
      #expect(again == whole)
      #expect(try notes() == notebook)
    }
  }

  /// Other devices than those that were recorded give other readings.
  @Test func otherModelsAreNotTakenForTheRecordedOnes() async throws {
    let file = try Shipped.bench()
    _ = try await run(try OpenBench(file, seed: 5), file, stopAfter: 5)
    guard
      case .failure(.notResumable(let reason)) = try await run(
        try OpenBench(file, seed: 6), file, resuming: true)
    else {
      Issue.record("resumed")
      return
    }
    #expect(reason.contains("now gives readings that differ"))
  }

  /// A lab that outlives the run: served, as to another process.
  private struct Served {
    let lab: ServedLab
    let file: BenchFile
    private let thread: Thread

    init(_ settings: [String] = []) throws {
      let lab = try ServedLab(try Shipped.bench("simulated-one-device", settings), seed: 5)
      self.lab = lab
      thread = Thread { lab.run() }
      thread.start()
      let root = Shipped.root.appendingPathComponent("instruments/benches/served.yaml").path
      file = try BenchFile(try Document(name: root, text: lab.bench))
    }

    /// The same bench without its clock, as a real one.
    var onTheWallClock: BenchFile {
      get throws {
        let text = file.document.text.split(separator: "\n").filter { !$0.hasPrefix("clock:") }
        return try BenchFile(
          try Document(name: file.document.name, text: text.joined(separator: "\n")))
      }
    }

    var open: OpenBench { get throws { try OpenBench(file, seed: 5) } }
    var pulses: Int { lab.lab.devices["A1"]?.pulses ?? -1 }
    func end() { lab.interrupt.fire() }
  }

  /// Cut off between two programs, in a lab that stood still since, it goes on
  /// to the last bit as if nothing had been.
  @Test(arguments: [2, 9])
  func inALabThatStoodStillItGoesOnBitByBit(cut: Int) async throws {
    let reference = try Served()
    let whole = try await run(try reference.open, reference.file).get()
    reference.end()
    try FileManager.default.removeItem(at: url)

    let served = try Served()
    defer { served.end() }
    _ = try await run(try served.open, served.file, stopAfter: cut)
    #expect(try await run(try served.open, served.file, resuming: true).get() == whole)
    #expect(served.pulses == reference.pulses)
    #expect(served.lab.outputs.allSatisfy { !$0.isOn })
    let resumptions = try Session.open(url).resumptions()
    #expect(resumptions.map(\.programs) == [cut])
    #expect(resumptions[0].gap == 0 && resumptions[0].devices.isEmpty)
  }

  /// Where lab time went on, every device is read again, and the protocol says
  /// how much may have changed.
  @Test(arguments: [
    ("resume.drift=0.05", nil), ("resume.drift=0", "the conductance of A1 was"),
    ("resume.gap=10 s", "of lab time have passed"),
  ])
  func afterAGapTheDevicesAreReadAgain(setting: String, refusal: String?) async throws {
    let served = try Served()
    defer { served.end() }
    _ = try await run(try served.open, served.file, stopAfter: 6)
    let pulses = served.pulses
    served.lab.lab.wait(60)
    let result = try await run(try served.open, served.file, resuming: true, [setting])
    let resumption = try #require(try Session.open(url).resumptions().first)
    #expect(abs((resumption.gap ?? 0) - 60) < 1e-6)
    #expect(served.lab.outputs.allSatisfy { !$0.isOn })
    guard let refusal else {
      _ = try result.get()
      #expect(resumption.refusal == nil)
      #expect(resumption.devices.map(\.name) == ["A1"])
      #expect(resumption.devices[0].drift < 0.05)
      return
    }
    guard case .failure(.notResumable(let reason)) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(reason.contains(refusal))
    #expect(resumption.refusal == reason)
    #expect(served.pulses == pulses)
  }

  /// A program that was under way is never repeated but on request.
  @Test(arguments: ResumePolicy.Interrupted.allCases)
  func aProgramCutOffIsSettledByThePolicy(policy: ResumePolicy.Interrupted) async throws {
    let served = try Served()
    defer { served.end() }
    _ = try await run(try served.open, served.file, stopAfter: 5)
    let next = try #require(try await programs(served, 6).last)
    do {
      let session = try Session.reopen(url, durability: .powerLoss)
      try session.begin(5, program: next.record)
      try session.close()
    }
    let before = served.pulses
    // Some of it was done, so time went on.
    served.lab.lab.wait(0.1)
    let hasBegun = Mutex(false)
    let result = try await run(
      try served.open, served.file, resuming: true, ["resume.interrupted=\(policy.rawValue)"],
      begun: { hasBegun.withLock { $0 = true } })
    let step = try Session.open(url).step(5)
    switch policy {
    case .refuse:
      guard case .failure(.notResumable(let reason)) = result else {
        Issue.record("\(result)")
        return
      }
      #expect(reason.contains("interrupted during program 5"))
      #expect(!hasBegun.withLock { $0 })
      #expect(served.pulses == before)
      #expect(step?.observations == nil)
    case .read, .repeat:
      _ = try result.get()
      #expect(step?.observations?.currents.count == next.readings)
      let all = try await programs(served, .max).reduce(0) { $0 + $1.extent.pulses }
      let missing = policy == .read ? next.extent.pulses : 0
      #expect(next.extent.pulses > 0)
      #expect(served.pulses == all - missing)
    }
  }

  /// The first programs that the experiment asks for, on a lab of its own.
  private func programs(_ served: Served, _ count: Int) async throws -> [Program] {
    let file = try Shipped.bench("simulated-one-device")
    let open = try OpenBench(file, seed: 5)
    _ = try await open.live?.connect()
    try await open.live?.arm()
    let probe = ProbeBench(open.bench)
    _ = await Runner.run(
      try Shipped.experiment("crossed-swords", for: file, Self.settings), on: probe, seed: 5,
      isStopping: { probe.programs.count >= count })
    return probe.programs
  }

  /// A run that asks for other programs than the record has, or is refused, leaves
  /// what the record says of itself as it was.
  @Test(arguments: ["swords.pulses=50", "resume.gap=10 s"])
  func whatDoesNotGoOnStaysAsItWas(setting: String) async throws {
    let served = try Served()
    defer { served.end() }
    _ = try await run(try served.open, served.file, stopAfter: 6)
    let ending = Ending(
      exitCode: 130, message: "interrupted", outcome: nil, truth: nil, duration: 3, wall: 1,
      pulses: 200, safe: true)
    do {
      let session = try Session.reopen(url, durability: .powerLoss)
      try session.finish(ending)
      try session.close()
    }
    let notebook = try notes()
    #expect(!notebook.tables.isEmpty)
    served.lab.lab.wait(60)
    let refused = try await run(try served.open, served.file, resuming: true, [setting])
    #expect(throws: BenchError.self) { try refused.get() }
    #expect(try notes() == notebook)
    #expect(try Session.open(url).ending() == ending)
    // And one that does go on has its notes once.
    _ = try await run(
      try served.open, served.file, resuming: true, ["resume.gap=1e6 s", "resume.drift=10"]
    ).get()
    let all = try notes()
    #expect(all.phases == notebook.phases + all.phases.dropFirst(notebook.phases.count))
    #expect(all.phases.count == Set(all.phases).count)
    #expect(try Session.open(url).ending() == nil)
  }

  /// At a small part of the usual voltage noise would pass for a change.
  @Test func devicesAreComparedByReadsThatSaySomething() async throws {
    let bench = try ModelBench()
    let session = try Session.create(at: url, manifest: .empty, durability: .batched)
    let journal = try JournaledBench(bench, session: session)
    for level in [0.1, 0.002, 0.06, -0.08, 0.01, 0.002] {
      _ = try await journal.perform(Program([.look(level: level), .look(level: level / 10)]))
    }
    #expect(try session.lastReads(on: bench.wiring).map(\.drive.level) == [-0.08])
    try session.close()
  }

  /// On the wall's clock the gap is that since the record, however often somebody has
  /// looked into the file since.
  @Test func aBenchOfInstrumentsKnowsHowLongItWasAway() async throws {
    var manifest = Manifest.empty
    let begin = HostTime.monotonic
    manifest.created = HostTime.date.addingTimeInterval(-86_400)
    let session = try Session.create(at: url, manifest: manifest, durability: .powerLoss)
    _ = try await JournaledBench(try ModelBench(), session: session).perform(Program([.rest(3600)]))
    try session.close()
    for _ in 0..<2 {
      let again = try Session.reopen(url, durability: .powerLoss)
      let origin = try Resuming(again, policy: ResumePolicy()).origin
      let most = 86_400 + HostTime.monotonic - begin
      #expect(origin > 86_399 && origin < most + 1)
      try again.add(Resumption(programs: 1, gap: nil, interrupted: nil))
      try again.close()
    }
  }

  private static let begin = Date(timeIntervalSince1970: 1_800_000_000)

  /// A moment after the record, whose computer was started with the id.
  private static func moment(_ boot: String?, _ seconds: Double, date: Double) -> HostMoment {
    HostMoment(
      date: begin.addingTimeInterval(date),
      uptime: boot.map { .init(boot: $0, seconds: seconds) })
  }

  /// A session of an hour that began at ``begin``, when the computer had been up for 1000 s.
  private func hour(boot: String?) async throws {
    var manifest = Manifest.empty
    let began = Self.moment(boot, 1000, date: 0)
    (manifest.created, manifest.uptime) = (began.date, began.uptime)
    let session = try Session.create(at: url, manifest: manifest, durability: .powerLoss)
    _ = try await JournaledBench(try ModelBench(), session: session).perform(Program([.rest(3600)]))
    try session.close()
  }

  /// The date may be set while nobody runs: since the same start of the computer its uptime tells
  /// the gap, after another one dates do that do not run backwards.
  @Test(
    arguments: [
      ("a", "a", 4630.0, -86_400.0, 30.0, -90_030.0), ("a", "a", 4630, 90_000, 30, 86_370),
      ("a", "a", 4630, 3640, 30, nil), ("a", "b", 10, 3630, 30, nil), (nil, "a", 10, 3630, 30, nil),
      ("a", nil, 0, 3630, 30, nil), (nil, "a", 10, 3590, 0, nil),
    ] as [(String?, String?, Double, Double, Double, Double?)])
  func aGapIsKnownByUptimeOrDate(
    old: String?, new: String?, uptime: Double, date: Double, gap: Double, shift: Double?
  ) async throws {
    try await hour(boot: old)
    let served = try Served()
    defer { served.end() }
    let session = try Session.reopen(url, durability: .powerLoss)
    let now = Self.moment(new, uptime, date: date)
    let resuming = try Resuming(session, policy: ResumePolicy(), at: now)
    #expect(resuming.origin == 3600 + gap)
    let open = try OpenBench(try served.onTheWallClock, seed: 5, origin: resuming.origin)
    let bench = try await resuming.bench(open) { () async throws(BenchError) in
      _ = try await open.live?.connect()
      try await open.live?.arm()
    }
    _ = try await bench.perform(Program([.rest(3600)]))
    _ = try await bench.perform(Program([.rest(0.001)]))
    _ = await bench.makeSafe()
    let resumption = try #require(try session.resumptions().first)
    #expect((resumption.gap ?? -1) >= gap)
    #expect(resumption.shift == shift)
    #expect(resumption.anchor == .init(moment: now, time: 3600 + gap))
    #expect(
      resumption.text.contains(", while the clock was set back by 90.03 ks") == (shift ?? 0 < 0))
    #expect(
      resumption.text.contains(", while the clock was set forward by 86.37 ks") == (shift ?? 0 > 0))
    try session.close()
  }

  /// A gap that is not known is refused, unless the protocol allows any.
  @Test(arguments: [("a", "b"), (nil, "a"), ("a", nil)] as [(String?, String?)])
  func aGapThatIsNotKnownMustBeAllowed(old: String?, new: String?) async throws {
    try await hour(boot: old)
    let served = try Served()
    defer { served.end() }
    let now = Self.moment(new, 10, date: -86_400)
    let session = try Session.reopen(url, durability: .powerLoss)
    var policy = ResumePolicy()
    for longest in [policy.gap, ResumePolicy.longestGap] {
      policy.gap = longest
      let resuming = try Resuming(session, policy: policy, at: now)
      #expect(resuming.origin == 3600)
      let open = try OpenBench(try served.onTheWallClock, seed: 5, origin: resuming.origin)
      guard longest < ResumePolicy.longestGap else {
        _ = try await resuming.bench(open) {}
        continue
      }
      let error = await #expect(throws: BenchError.self) { _ = try await resuming.bench(open) {} }
      guard case .notResumable(let reason)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reason.contains("is not known, because the clock was set back; the protocol allows"))
    }
    let text = try #require(try session.resumptions().map(\.text).first)
    #expect(text.contains("a gap that is not known: the clock was set back by 90 ks; refused"))
    try session.close()
  }

  /// A lab that began anew is behind the record, and is another one.
  @Test func aLabThatBeganAnewIsNotGoneOnWith() async throws {
    let first = try Served()
    _ = try await run(try first.open, first.file, stopAfter: 6)
    first.end()
    let second = try Served()
    defer { second.end() }
    let result = try await run(try second.open, second.file, resuming: true)
    guard case .failure(.notResumable(let reason)) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(reason.contains("is not known, because the clock was set back"))
  }

  /// A later resumption counts from the moment at which the previous one went on.
  @Test func theGapCountsFromTheLastMomentThatIsKnown() async throws {
    try await hour(boot: "a")
    let session = try Session.reopen(url, durability: .powerLoss)
    func origin() throws -> Double {
      try Resuming(session, policy: ResumePolicy(), at: Self.moment("b", 70, date: -86_400)).origin
    }
    let anchor = Resumption.Anchor(moment: Self.moment("b", 50, date: 6000), time: 5000)
    var refused = Resumption(programs: 1, gap: nil, interrupted: nil)
    (refused.anchor, refused.refusal) = (.init(moment: anchor.moment, time: 9000), "too late")
    var resumption = Resumption(programs: 1, gap: nil, interrupted: nil)
    resumption.anchor = anchor
    for each in [resumption, refused] { try session.add(each) }
    try session.settle()
    // Nothing was recorded since.
    #expect(try origin() == 3600)
    let again = try JournaledBench(try ModelBench(), session: session)
    _ = try await again.perform(Program([.rest(3600)]))
    _ = try await again.perform(Program([.rest(1)]))
    try session.settle()
    #expect(try origin() == 5020)
    try session.close()
  }

  /// Two writers would each believe that they drive the devices.
  @Test func aSessionThatIsBeingWrittenIsNotTakenUp() throws {
    let session = try Session.create(at: url, manifest: .empty, durability: .powerLoss)
    #expect(throws: SessionError.inUse(path: url.path)) {
      try Session.reopen(url, durability: .powerLoss)
    }
    try session.close()
    try Session.reopen(url, durability: .powerLoss).close()
  }

  @Test func networkAndFullDisksAreRefused() throws {
    let mounts = """
      /dev/sda1 / ext4 rw 0 0
      fast:/lab /home nfs4 rw 0 0
      tmpfs /home/me/My\\040scratch tmpfs rw 0 0
      """
    #expect(Disk.kind(at: "/var/lib", mounts: mounts) == "ext4")
    #expect(Disk.kind(at: "/home/me", mounts: mounts) == "nfs4")
    #expect(Disk.kind(at: "/homes", mounts: mounts) == "ext4")
    #expect(Disk.kind(at: "/home/me/My scratch/x", mounts: mounts) == "tmpfs")
    func reason(_ disk: Disk) -> String { disk.refusal(of: "session") ?? "" }
    #expect(reason(Disk(room: 1 << 30, kind: "ext4")).isEmpty)
    #expect(reason(Disk(room: 1 << 30, kind: "nfs4")).contains("network file system (nfs4)"))
    #expect(reason(Disk(room: 5 << 20, kind: "ext4")).contains("5 MiB free"))
  }
}
