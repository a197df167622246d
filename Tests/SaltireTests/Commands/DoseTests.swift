import Foundation
import SaltireCore
import SaltireRecords
import SaltireTesting
import Testing

@testable import saltire

/// Doses of devices in a lab that outlives the runs on it.
@Suite struct DoseTests {
  private let rig: ServedRig
  private let ledger: String

  init() throws {
    rig = try ServedRig("simulated-one-device")
    ledger = rig.folder.path("data/doses.sqlite")
  }

  private static let known = [
    "arrays.A.columns.0.die=W12-D3", "arrays.A.columns.0.position=B4", "swords.pulses=40",
    "swords.cycles=1", "guardian.enabled=off",
  ]
  private static let confirmed = ["--device", "A1=w12-d3/b4"]

  private func run(
    _ settings: [String] = [], _ options: [String] = Self.confirmed, within wrapper: [String] = []
  ) async throws -> Command {
    try await Command(
      rig.run("crossed-swords", Self.known + settings) + options, within: wrapper, ledger: ledger)
  }

  /// What the ledger says of the one device.
  private func dose() async throws -> JSONValue {
    let command = try await Command(["dose", "W12-D3/B4", "--json"], ledger: ledger)
    #expect(command.status == 0, "\(command.errors)")
    guard case .array(let devices)? = command.document?["devices"], devices.count == 1 else {
      Issue.record("\(command.output)")
      return .null
    }
    return devices[0]
  }

  private var truth: Double { Double(rig.totalPulses) }

  @Test func dosesAddUpOverSessions() async throws {
    #expect(try await Command(["dose"], ledger: ledger).output.contains("has no entries"))
    #expect(rig.folder.content("data").isEmpty)
    #expect(try await Command(["dose", "--session", "no.saltire"], ledger: ledger).status == 65)
    #expect(rig.folder.content("data").isEmpty)
    let first = try await run()
    #expect([0, 11].contains(first.status), "\(first.errors)")
    #expect(first.errors.contains("warning: no dose ledger at \(ledger)"))
    #expect(try await dose()["pulses"]?.number == truth)
    let second = try await run()
    #expect(second.status == first.status)
    #expect(!second.errors.contains("no dose ledger at"))
    let dose = try await dose()
    #expect(truth > 100)
    #expect(dose["pulses"]?.number == truth)
    #expect(dose["time_s"]?.number.map { abs($0 - 0.01 * truth) < 1e-9 } == true)
    // 1 µA at most into the gate.
    #expect(dose["charge_c"]?.number.map { abs($0 - 1e-8 * truth) < 1e-15 } == true)
    #expect(dose["open"] == .integer(0))
    guard case .array(let sessions)? = dose["sessions"] else {
      Issue.record("no sessions")
      return
    }
    #expect(sessions.compactMap { $0["path"]?.text } == rig.sessions.map(\.path).sorted())
    let table = try await Command(["dose"], ledger: ledger)
    #expect(table.output.contains("W12-D3/B4         2     \(rig.totalPulses)"))
    let shown = try await Command("show", rig.sessions[0].path)
    #expect(shown.output.contains("device    A1: die W12-D3, position B4, after no pulses"))
    let again = try await Command("show", rig.sessions[1].path)
    #expect(again.output.contains("position B4, after \(rig.totalPulses / 2) pulses ("))
    let other = try await Command(["dose", "W12-D3/B5"], ledger: ledger)
    #expect(other.status == 65)
    #expect(other.errors.contains("did you mean 'W12-D3/B4'?"))
  }

  /// On the limit it runs; one pulse above, nothing of the program is performed.
  @Test func aLifeEndsAtItsLimit() async throws {
    let whole = try await run()
    let pulses = rig.totalPulses
    let on = try await run(["limits.lifetime.pulses=\(2 * pulses)"])
    #expect(on.status == whole.status, "\(on.errors)")
    #expect(rig.totalPulses == 2 * pulses)
    let beyond = try await run(["limits.lifetime.pulses=\(3 * pulses - 1)"])
    #expect(beyond.status == 10)
    #expect(beyond.errors.contains("A1 (die W12-D3, position B4) would reach"))
    #expect(beyond.errors.contains("--> command line:1:"))
    #expect(rig.totalPulses < 3 * pulses)
    let left = 3 * pulses - 1 - rig.totalPulses
    #expect(beyond.errors.contains("allowed and \(left) remain"))
    #expect(try await dose()["pulses"]?.number == truth)
    #expect(rig.energised.isEmpty)
    // Whoever gets the file by mail is refused the same program, without the ledger.
    let replayed = try await Command("replay", rig.sessions[2].path)
    #expect(replayed.status == 10, "\(replayed.errors)")
    #expect(replayed.errors.contains("allowed and \(left) remain"))
    // The limit that stopped it would stop it again, so nobody is sent there.
    #expect(!beyond.output.contains("saltire resume"))
    let resumed = try await Command(
      ["resume", rig.sessions[2].path, "--set", "limits.lifetime.pulses=100000"]
        + Self.confirmed, ledger: ledger)
    #expect(resumed.status == 10)
    #expect(resumed.errors.contains("a session keeps the limits it was started with"))
  }

  @Test func devicesThatNobodyConfirmedAreNotEntered() async throws {
    let limited = try await run(["limits.lifetime.pulses=1000000"], [])
    #expect(limited.status == 65)
    #expect(limited.errors.contains("--device A1=W12-D3/B4"))
    #expect(rig.totalPulses == 0 && rig.sessions.isEmpty)
    let other = try await run([], ["--device", "A1=W12-D3/B5"])
    #expect(other.status == 65)
    #expect(other.errors.contains("was confirmed as die W12-D3, position B5"))
    #expect(rig.totalPulses == 0 && rig.sessions.isEmpty)
    #expect(try await run([], ["--device", "A1=W12"]).status == 64)
    #expect(try await run([], Self.confirmed + ["--device", "A1=W1/B1"]).status == 64)

    let free = try await run([], [])
    #expect([0, 11].contains(free.status), "\(free.errors)")
    #expect(free.errors.contains("warning: the identity of A1 is not confirmed"))
    #expect(rig.totalPulses > 0)
    #expect(rig.folder.content("data").isEmpty)
    let shown = try await Command("show", rig.sessions[0].path)
    #expect(shown.output.contains("device    A1: identity not confirmed"))
    // Within this program nothing lasts that a dose could be of.
    let inside = try await Command(
      [
        "run", "protocols/crossed-swords.yaml", "--bench",
        "instruments/benches/simulated-one-device.yaml", "--out", rig.folder.path("out"),
      ] + Self.confirmed, ledger: ledger)
    #expect(inside.status == 64)
    #expect(inside.errors.contains("are simulated"))
  }

  /// A killed run is settled by whoever looks next, and taken up it is still one
  /// session.
  @Test func aKilledRunIsSettledAndResumed() async throws {
    let running = try Running(
      rig.run(
        "crossed-swords",
        Self.known + ["swords.cycles=20", "resume.interrupted=read", "resume.drift=1000"])
        + Self.confirmed, ledger: ledger)
    #expect(running.hears("crossed swords A1"))
    while rig.totalPulses < 300 { HostTime.block(0.001) }
    running.kill()
    #expect(await running.end().status == -SIGKILL)
    #expect(try Ledger(URL(fileURLWithPath: ledger)).entries().map(\.isOpen) == [true])
    let sent = truth
    let dose = try await dose()
    #expect(dose["open"] == .integer(0))
    let entered = try #require(dose["pulses"]?.number)
    // At most the program that was cut off is in it and not in the device.
    #expect(sent <= entered && entered <= sent + 80)

    let session = try #require(rig.sessions.first).path
    let wrong = try await Command(["resume", session, "--device", "A1=W1/B1"], ledger: ledger)
    #expect(wrong.status == 65)
    #expect(truth == sent)
    let resumed = try await Command(["resume", session] + Self.confirmed, ledger: ledger)
    #expect([0, 11].contains(resumed.status), "\(resumed.errors)")
    let whole = try await self.dose()
    #expect(truth > sent)
    let total = try #require(whole["pulses"]?.number)
    #expect(truth <= total && total <= truth + 80)
    guard case .array(let sessions)? = whole["sessions"] else { return }
    #expect(sessions.count == 1)
  }

  /// Without a ledger that can be written nothing is energised.
  @Test func aLedgerThatCannotBeUsedIsToldBefore() async throws {
    try FileManager.default.createDirectory(
      at: rig.folder["data"], withIntermediateDirectories: true)
    _ = try rig.folder.write(String(repeating: "no ledger ", count: 1000), "data/doses.sqlite")
    let foreign = try await run()
    #expect(foreign.status == 65)
    #expect(foreign.errors.contains("is not a dose ledger"))
    try FileManager.default.removeItem(atPath: ledger)
    _ = try Ledger(URL(fileURLWithPath: ledger))
    let shut = try await run(
      within: ServedRig.shim(over: rig.folder["data"], ["READ_ONLY": "1"]))
    #expect(shut.status == 74, "\(shut.errors)")
    #expect(shut.errors.contains("cannot write or read the dose ledger"), "\(shut.errors)")
    let nowhere = try await Command(
      rig.run("crossed-swords", Self.known) + Self.confirmed, ledger: "/dev/null/doses.sqlite")
    #expect(nowhere.status == 74)
    #expect(rig.totalPulses == 0)
    #expect(rig.energised.isEmpty)
  }

  /// Who sits at a terminal is asked.
  @Test(arguments: ["y", "n", "^C"])
  func aTerminalIsAsked(answer: String) async throws {
    let terminal = try PseudoTerminal()
    let input = FileHandle(
      fileDescriptor: open(terminal.path, O_RDONLY | O_NOCTTY), closeOnDealloc: true)
    let running = try Running(
      rig.run("crossed-swords", Self.known), ledger: ledger, input: input)
    #expect(running.hears("device A1 is die W12-D3, position B4? [y/N]"))
    if answer == "^C" { running.interrupt() } else { try terminal.say(Array("\(answer)\n".utf8)) }
    let (status, _, errors) = await running.end()
    if answer == "y" {
      #expect([0, 11].contains(status), "\(errors)")
      #expect(try await dose()["pulses"]?.number == truth)
    } else {
      #expect(status == (answer == "n" ? 65 : 130))
      let told = answer == "n" ? "A1 is not confirmed to be" : "interrupted; nothing was sent"
      #expect(errors.contains(told))
      #expect(rig.totalPulses == 0 && rig.sessions.isEmpty)
    }
  }

  @Test func theLedgerIsWhereDataIsKept() {
    func place(_ environment: [String: String]) -> String { LedgerPlace.url(in: environment).path }
    #expect(place(["HOME": "/home/me"]) == "/home/me/.local/share/saltire/doses.sqlite")
    #expect(place(["HOME": "/h", "XDG_DATA_HOME": "/data"]) == "/data/saltire/doses.sqlite")
    #expect(
      place(["HOME": "/h", "XDG_DATA_HOME": "data"]) == "/h/.local/share/saltire/doses.sqlite")
    #expect(place(["HOME": "/h", "SALTIRE_LEDGER": "/lab/doses"]) == "/lab/doses")
    #expect(place(["HOME": "/h", "SALTIRE_LEDGER": ""]) == "/h/.local/share/saltire/doses.sqlite")
  }
}
