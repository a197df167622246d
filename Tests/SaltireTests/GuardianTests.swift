import Foundation
import SaltireBenches
import SaltireCore
import SaltireLinks
import SaltireRecords
import SaltireSimulation
import SaltireTesting
import SaltireServe
import Testing

/// Runs that die, on a lab that outlives them in this process.
@Suite struct GuardianTests {
  private let folder: TemporaryFolder
  private let served: ServedLab
  private let bench: String

  init() throws {
    folder = try TemporaryFolder()
    let served = try ServedLab(Self.file(), seed: 4)
    self.served = served
    bench = try folder.write(served.bench, "bench.yaml")
    Thread { served.run() }.start()
  }

  private static func file() throws -> BenchFile {
    let url = Command.root.appendingPathComponent(
      "instruments/benches/simulated-one-device.yaml")
    return try BenchFile(Document(name: url.path, text: String(contentsOf: url, encoding: .utf8)))
  }

  /// A run that has begun to pulse.
  ///
  /// Without a suspension: other tests may keep this one from going on for longer
  /// than the run lasts.
  ///
  /// - Parameter heartbeat: short where the test is about hanging; a busy machine may
  ///   silence a process for as long.
  private func run(
    _ settings: [String] = [], heartbeat: String = "200 ms"
  ) throws -> Running {
    let running = try Running(
      [
        "run", "protocols/crossed-swords.yaml", "--bench", bench, "--out", folder.path("out"),
        "--seed", "4",
      ]
        + (["swords.cycles=500", "guardian.heartbeat=\(heartbeat)"] + settings).flatMap {
          ["--set", $0]
        })
    try #require(running.hears("crossed swords A1"))
    while served.lab.now() < 5 { HostTime.block(0.001) }
    #expect(isOn)
    return running
  }

  private var isOn: Bool { served.outputs.contains { $0.isOn } }
  private var session: String { folder.path("out/crossed-swords-001.saltire") }

  private func ending() throws -> Ending? {
    let session = try Session.open(URL(fileURLWithPath: session))
    defer { try? session.close() }
    return try session.ending()
  }

  /// However the process goes, the outputs are off when all has ended, and the
  /// session says how it did.
  @Test(arguments: [SIGKILL, SIGILL, SIGSTOP, SIGINT, SIGTERM, SIGHUP])
  func outputsAreOffHoweverTheRunEnds(signal: Int32) async throws {
    defer { served.interrupt.fire() }
    let running = try run(heartbeat: signal == SIGSTOP ? "200 ms" : "1000 s")
    running.send(signal)
    let (status, _, errors) = await running.end()
    #expect(!isOn)
    let ending = try #require(try ending())
    #expect(ending.safe && ending.outcome == nil)
    if [SIGINT, SIGTERM, SIGHUP].contains(signal) {
      #expect(status == 130)
      #expect(!errors.contains("guardian"))
    } else {
      #expect(status == -(signal == SIGSTOP ? SIGKILL : signal))
      #expect(errors.contains("guardian: outputs confirmed safe"))
      #expect(ending.exitCode == 130)
      #expect(
        ending.message?.contains(signal == SIGSTOP ? "stopped responding" : "process died") == true)
    }
  }

  /// Without a guardian a killed run leaves its outputs on, so the others can
  /// fail; `off` finds them from the bench file alone.
  @Test func withoutAGuardianOutputsStayOn() async throws {
    defer { served.interrupt.fire() }
    let running = try run(["guardian.enabled=off"])
    running.send(SIGKILL)
    #expect(await running.end().status == -SIGKILL)
    #expect(isOn)
    #expect(try ending() == nil)
    let off = try await Command("off", "--bench", bench)
    #expect(off.status == 0)
    #expect(!isOn)
  }

  /// Where run and guardian are both gone, whoever sees the session next is told that
  /// nobody confirmed the outputs, and what makes them safe.
  @Test func whereNobodyConfirmedItIsSaid() async throws {
    defer { served.interrupt.fire() }
    let ledger = folder.path("doses.sqlite")
    let running = try Running(
      [
        "run", "protocols/crossed-swords.yaml", "--bench", bench, "--out", folder.path("out"),
        "--device", "A1=W1/B1", "--set", "swords.cycles=500", "--set", "guardian.enabled=off",
      ], ledger: ledger)
    #expect(running.hears("crossed swords A1"))
    while served.lab.now() < 5 { HostTime.block(0.001) }
    running.kill()
    _ = await running.end()
    #expect(isOn)
    let hint = "to make them safe: saltire off --bench \(bench)"
    for command in ["show", "replay", "report"] {
      let told = try await Command(command, session)
      #expect((told.output + told.errors).contains(hint), "\(command): \(told.errors)")
    }
    #expect(try await Command("show", session, "--json").errors.contains(hint))
    #expect(try await Command(["dose"], ledger: ledger).errors.contains(hint))
    #expect(try await Command(["resume", session], ledger: ledger).errors.contains(hint))
    // A run on models leaves nothing on.
    let model = try Running([
      "run", "protocols/sgd-one-parameter.yaml", "--bench", "instruments/benches/model.yaml",
      "--out", folder.path("model"), "--set", "replicas=1000000",
    ])
    #expect(model.hears("training to -0.7"))
    model.kill()
    _ = await model.end()
    let shown = try await Command("show", folder.path("model/sgd-one-parameter-001.saltire"))
    #expect(!shown.output.contains("saltire off"))
  }

  /// A run whose guardian is gone, or does nothing any more, keeps no promise, and ends.
  @Test(arguments: [
    (SIGKILL, "its guardian died"), (SIGSTOP, "its guardian stopped responding"),
  ])
  func aRunEndsWithItsGuardian(signal: Int32, reason: String) async throws {
    defer { served.interrupt.fire() }
    let running = try run()
    // Whichever of its threads started it.
    let tasks = "/proc/\(running.id)/task"
    let guardians = try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { task in
      try String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8)
        .split(separator: " ").compactMap { Int32($0) }
    }
    #expect(guardians.count == 1)
    for guardian in guardians { kill(guardian, signal) }
    let (status, _, errors) = await running.end()
    #expect(status == 130)
    #expect(errors.contains("\(reason): the run ends because it no longer has a guardian"))
    #expect(try ending()?.message?.contains(reason) == true)
    #expect(!isOn)
    // It is gone too: it would keep others off the instruments.
    #expect(try await Command("check", bench).status == 0)
  }

  /// While a run uses the instruments nobody else does; whoever wants them safe ends it, and
  /// each of the two says so.
  @Test func aRigHasOneUserAndAnybodySwitchesItOff() async throws {
    defer { served.interrupt.fire() }
    let running = try run(heartbeat: "1000 s")
    // It stands still meanwhile, or it would be over before a busy machine has asked.
    running.send(SIGSTOP)
    let address = try #require(served.bench.firstMatch(of: /TCPIP0::127[^"]+SOCKET/)).output
    let others = [
      ["run", "protocols/crossed-swords.yaml", "--bench", bench, "--out", folder.path("other")],
      ["check", bench], ["query", String(address), "print(1)"],
      ["bus", String(address), "clear"],
    ]
    for other in others {
      let command = try await Command(other)
      #expect(command.status == 75, "\(other)")
      #expect(
        command.errors.contains("is in use by 'saltire run' (process \(running.id)), session"),
        "\(command.errors)")
    }
    #expect(isOn)
    running.send(SIGCONT)
    let off = try await Command("off", "--bench", bench)
    #expect(off.status == 0, "\(off.errors)")
    #expect(off.output.contains("ended: 'saltire run' (process \(running.id)), session \(session)"))
    #expect(!isOn)
    let (status, _, errors) = await running.end()
    #expect(status == 130)
    #expect(errors.contains("requested the end of this run; all measurements are in the session"))
    #expect(try ending()?.message?.contains("'saltire off' (process ") == true)
    #expect(try await Command("check", bench).status == 0)
  }

  /// A guardian keeps others off the instruments for as long as it makes them safe.
  @Test func aRunThatHangsIsEndedByWhoeverSwitchesOff() async throws {
    defer { served.interrupt.fire() }
    let running = try run(heartbeat: "1000 s")
    running.send(SIGSTOP)
    let off = try await Command("off", "--bench", bench)
    #expect(off.status == 0, "\(off.errors)")
    #expect(off.output.contains("was asked to end but still holds the instruments"))
    #expect(!isOn)
    #expect(try await Command("check", bench).status == 75)
    running.send(SIGKILL)
    #expect(await running.end().status == -SIGKILL)
  }

  /// Of an instrument that takes one client, a connection that died is ended by
  /// whoever makes safe, and by nobody else.
  @Test func aDeadConnectionIsEndedToMakeSafe() async throws {
    // The port has one number: an address for every test process.
    let host = "127.2.\(getpid() / 250 % 250).\(getpid() % 250 + 1)"
    let single = try ServedLab(Self.file(), seed: 4, host: host, isSingle: true)
    let path = try folder.write(single.bench, "single.yaml")
    Thread { single.run() }.start()
    defer { single.interrupt.fire() }
    let running = try Running([
      "run", "protocols/crossed-swords.yaml", "--bench", path, "--out", folder.path("single"),
      "--set", "swords.cycles=500", "--set", "guardian.enabled=off",
    ])
    while single.lab.now() < 5 { HostTime.block(0.001) }
    single.cutOff()
    running.send(SIGKILL)
    #expect(await running.end().status == -SIGKILL)
    #expect(single.outputs.contains { $0.isOn })
    // Somebody else's run might be behind that connection.
    let check = try await Command("check", path)
    #expect(check.status != 0)
    #expect(single.outputs.contains { $0.isOn })
    let off = try await Command("off", "--bench", path)
    #expect(off.status == 0, "\(off.errors)")
    #expect(!single.outputs.contains { $0.isOn })
    #expect(try await Command("check", path).status == 0)
  }

  /// What a run left is taken up to the end that it would have had.
  @Test func anInterruptedRunIsResumed() async throws {
    defer { served.interrupt.fire() }
    let running = try run(["swords.cycles=30"], heartbeat: "1000 s")
    running.send(SIGINT)
    let (status, output, _) = await running.end()
    #expect(status == 130)
    #expect(output.contains("saltire resume \(session)"))
    let resumed = try await Command("resume", session)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(!isOn)
    let again = try await Command("resume", session)
    #expect(again.status == 65)
    #expect(again.errors.contains("is complete"))
    #expect(try await Command("replay", session).status == 0)
    #expect(try await Command("show", session).output.contains("resumed   after program"))
  }

  /// A run that has made its outputs safe and said how it ended is no guardian's, also
  /// when it is killed before it is gone.
  @Test func aRunThatIsOverStaysAsItEnded() async throws {
    defer { served.interrupt.fire() }
    let ledger = folder.path("doses.sqlite")
    let url = URL(fileURLWithPath: ledger)
    let other = try Ledger(url)
    let running = try Running(
      [
        "run", "protocols/crossed-swords.yaml", "--bench", bench, "--out", folder.path("out"),
        "--device", "A1=W1/B1", "--set", "swords.cycles=2",
      ], ledger: ledger)
    while try other.entries().isEmpty { HostTime.block(0.001) }
    // Whoever writes to the ledger now keeps the run from its end.
    let holder = open(ledger, O_RDWR)
    // SQLite's reserved byte, which every writer locks.
    var lock = flock(
      l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0x4000_0001, l_len: 1, l_pid: 0)
    while fcntl(holder, F_SETLK, &lock) != 0 { HostTime.block(0.001) }
    while !FileManager.default.fileExists(atPath: session) { HostTime.block(0.001) }
    while try ending() == nil { HostTime.block(0.001) }
    let whole = try ending()
    running.kill()
    #expect(await running.end().status == -SIGKILL)
    close(holder)
    #expect(whole?.outcome != nil && whole?.safe == true)
    #expect(!isOn)
    #expect(try ending() == whole)
    // What it did is entered by whoever looks next.
    #expect(try other.settle().isEmpty)
    #expect(try other.entries().map(\.isOpen) == [false])
  }

  /// A few of the cases of `make faults`.
  @Test func aFewFaultsLeaveNothingOnOrLost() async throws {
    served.interrupt.fire()
    let run = try await Command(
      ["faults", "--tcp", "--cases", "24", "--seed", "3", "--list"], program: "saltire-measure")
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.contains("outputs left energised         0\n"))
    #expect(run.output.contains("pulses not accounted for       0\n"))
  }
}
