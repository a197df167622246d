import SaltireBenches
import SaltireLinks
import SaltireInstruments
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

/// What goes over the wires before, between and after programs.
@Suite struct ArmingTests {
  /// Connecting and checking ask questions and nothing else.
  @Test(arguments: [
    "simulated", "simulated-one-device", "simulated-2400", "simulated-2450", "simulated-b2902a",
  ])
  func connectingAndCheckingChangeNothing(bench: String) async throws {
    let rig = try LiveRig(bench)
    let identities = try await rig.live.connect()
    let checks = try await rig.live.check()
    #expect(identities.count == rig.file.station?.instruments.count)
    #expect(checks.count == rig.file.wiring.terminals.count)
    #expect(checks.allSatisfy { !$0.isOn && !$0.settings.isEmpty })
    for message in rig.sent() {
      for line in message.split(whereSeparator: \.isNewline) {
        for part in line.split(separator: ";") {
          let isQuestion = part.hasSuffix("?") || part.hasPrefix("print(")
          #expect(isQuestion && !part.contains("="), "\(part)")
        }
      }
    }
    #expect(rig.energised.isEmpty)
  }

  /// No output is on before every setting of every terminal was made and read
  /// back; afterwards all are.
  @Test(arguments: [
    "simulated", "simulated-one-device", "simulated-2400", "simulated-2450", "simulated-b2902a",
  ])
  func limitsAreReadBackBeforeAnythingIsOn(bench: String) async throws {
    let rig = try await LiveRig.armed(bench)
    #expect(rig.energised == rig.file.wiring.terminals)
    let sent = rig.sent()
    let first = try #require(
      sent.firstIndex {
        $0.contains("OUTPUT_ON") || $0.contains(" ON\n") || $0.contains(":OUTP ON")
          || $0.contains(":OUTP1 ON")
      })
    let before = sent[..<first].joined()
    let after = sent[first...].joined()
    for terminal in try await rig.live.check() {
      for setting in terminal.settings {
        #expect(setting.isAsArmed, "\(terminal.terminal): \(setting.question) is \(setting.found)")
        #expect(before.contains(setting.question), "\(setting.question)")
      }
    }
    for word in ["limit", "rang", "PROT", "LIM:", "LOAD", "POL"] { #expect(!after.contains(word)) }
  }

  /// An output that stays off, whatever it was told, is no bench to pulse on.
  @Test func anOutputThatDoesNotComeOnIsTold() async throws {
    let rig = try LiveRig()
    _ = try await rig.live.connect()
    // As if it were locked.
    _ = rig.lab.receive(Array("rawset(smua, 'OUTPUT_ON', 0)\n".utf8), at: "smu1")
    let error = await #expect(throws: BenchError.self) { try await rig.live.arm() }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .mismatch(_, let asked, _) = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.instrument == "smu1" && asked == "on")
    #expect(await rig.live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
  }

  /// Every batch ends with the question for the error queue.
  @Test func theErrorQueueIsReadAfterEveryBatch() async throws {
    let rig = try await LiveRig.armed()
    rig.forget()
    _ = try await rig.live.perform(
      Program([
        .pulse("GA1", level: 4, width: 0.01), .pulse("GA1", level: -4, width: 0.01),
        .read(.init(drives: [.init("DA2", level: 0.1)], measures: ["RA"], integration: 0.02)),
      ]))
    #expect(rig.sent().count >= 4)
    for message in rig.sent() {
      let ends =
        message.hasSuffix("print(\"errors\", errorqueue.count)\n")
        || message.hasSuffix(":SYST:ERR?\n")
      #expect(ends, "\(message)")
    }
    // No range, function or relay moves while devices are connected.
    for word in ["rang", "RANG", "func", "FUNC ", "output", "OUTP1 ", "OUTP2 "] {
      #expect(!rig.sent().contains { $0.contains(word) }, "\(word)")
    }
  }

  /// Gates, rows, drains; levels before outputs; then every output is asked.
  @Test func theSafeSequenceIsLastAndConfirmed() async throws {
    let rig = try await LiveRig.armed()
    rig.forget()
    let report = await rig.live.makeSafe()
    #expect(report.isSafe && report.terminals.count == 10)
    #expect(rig.energised.isEmpty)
    let sent = rig.sent()
    func place(_ text: String) throws -> Int {
      try #require(sent.firstIndex { $0.contains(text) }, "\(text)")
    }
    let levels = try place("smua.source.levelv=0")
    let off = try place("OUTPUT_OFF")
    #expect(try place(":OUTP1 OFF") > levels)
    #expect(try off > place(":OUTP1 OFF"))
    #expect(try place("print(smua.source.output)") > off)
    // Of each instrument: they do not wait for one another.
    for instrument in ["smu1", "smu2", "smu3", "gen1", "gen2"] {
      let last = rig.sent(to: instrument).suffix(2)
      #expect(last.allSatisfy { $0.contains(".source.output)") || $0.contains(":OUTP") })
    }
    // Once more is harmless.
    #expect(await rig.live.makeSafe().isSafe)
  }

  /// Whoever waits at idle has levels of 0 V, gates before rows, and outputs that
  /// are on.
  @Test func idleIsZeroVoltsWithOutputsOn() async throws {
    let rig = try await LiveRig.armed()
    let on = rig.energised
    _ = rig.lab.receive(Array("smua.source.levelv=1\n".utf8), at: "smu1")
    rig.forget()
    try await rig.live.idle()
    #expect(rig.energised == on)
    #expect(rig.sent(to: "smu1").contains { $0.contains("smua.source.levelv=0") })
    #expect(!rig.sent().contains { $0.contains("OFF") })
    let gates = rig.sent().lastIndex { $0.contains("BURS:STAT ON") }
    let rows = rig.sent().firstIndex { $0.contains("levelv=0") }
    #expect(try #require(gates) < #require(rows))
    let seen = try await rig.live.perform(
      Program([
        .pulse("GA1", level: 4, width: 0.01),
        .read(.init(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)),
      ]))
    #expect(seen.currents.count == 1)
  }

  /// An instrument that another program left on is switched off first.
  @Test func whatIsOnBeforeIsMadeSafe() async throws {
    let rig = try LiveRig()
    _ = rig.lab.receive(Array("smua.source.levelv=1 smua.source.output=1\n".utf8), at: "smu1")
    #expect(rig.energised == ["RA"])
    _ = try await rig.live.connect()
    rig.forget()
    try await rig.live.arm()
    let sent = rig.sent(to: "smu1")
    let level = try #require(sent.firstIndex { $0.contains("smua.source.levelv=0") })
    let off = try #require(sent.firstIndex { $0.contains("smua.source.output=smua.OUTPUT_OFF") })
    let limit = try #require(sent.firstIndex { $0.contains("limiti=") })
    #expect(level < off && off < limit)
  }

  /// A limit below what the instrument can do is not taken silently: nothing
  /// is switched on.
  @Test func aSettingThatDoesNotReadBackStopsEverything() async throws {
    let rig = try LiveRig("simulated", ["terminals.DC2.current=50 pA"])
    _ = try await rig.live.connect()
    let error = await #expect(throws: BenchError.self) { try await rig.live.arm() }
    guard case .failed(let failure as InstrumentFailure)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.instrument == "smu3")
    #expect(rig.energised.isEmpty)
    #expect(!rig.sent().contains { $0.contains("OUTPUT_ON") })
    #expect(await rig.live.makeSafe().isSafe)
  }

  /// A run that is cancelled while it arms switches nothing on.
  @Test func armingThatIsCancelledSwitchesNothingOn() async throws {
    let rig = try LiveRig()
    _ = try await rig.live.connect()
    let live = rig.live
    let work = Task { () -> BenchError? in
      withUnsafeCurrentTask { $0?.cancel() }
      do throws(BenchError) {
        try await live.arm()
        return nil
      } catch {
        return error
      }
    }
    let error = await work.value
    #expect(await live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
    guard case .cancelled? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!rig.sent().contains { $0.contains("OUTPUT_ON") || $0.contains(" ON;") })
  }

  /// An instrument that goes silent before it is armed is not called safe:
  /// nobody knows what its outputs do.
  @Test func silenceBeforeArmingIsNotSafe() async throws {
    let rig = try LiveRig(faults: [LabFault(instrument: "smu2", kind: .silent, after: 1)])
    _ = rig.lab.receive(Array("smua.source.levelv=2 smua.source.output=1\n".utf8), at: "smu3")
    _ = try await rig.live.connect()
    await #expect(throws: BenchError.self) { try await rig.live.arm() }
    let report = await rig.live.makeSafe()
    let open = report.terminals.filter { $0.state != .confirmed }.map(\.terminal)
    #expect(open == ["RC", "DA2"] || open == ["DA2", "RC"])
    #expect(rig.energised.isEmpty)
  }

  /// Two names for one instrument would put each level on the other terminal.
  @Test func oneInstrumentUnderTwoNamesIsRefused() async throws {
    let rig = try LiveRig()
    let lab = rig.lab
    let station = try #require(rig.file.station)
    let live = LiveBench(
      wiring: rig.file.wiring, station: station,
      instruments: station.instruments.map { entry in
        let name = entry.name == "smu2" ? "smu1" : entry.name
        return Instrument(name: entry.name, definition: entry.definition, model: entry.model) {
          () throws(LinkError) in try lab.open(name)
        }
      }, clock: lab)
    let error = await #expect(throws: BenchError.self) { _ = try await live.connect() }
    guard case .failed(let failure as InstrumentFailure)? = error, case .duplicate = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.message.contains("smu2: it is the same instrument as smu1"))
  }

  /// Errors from before are told by a check, and are not blamed on it.
  @Test func oldErrorsAreTakenFirst() async throws {
    let rig = try LiveRig()
    _ = rig.lab.receive(Array("nosuch.thing=1\n".utf8), at: "smu1")
    _ = try await rig.live.connect()
    let errors = try await rig.live.takeErrors()
    #expect(errors["smu1"]?.count == 1 && errors.count == 1)
    #expect(try await rig.live.check().count == 10)
  }
}
