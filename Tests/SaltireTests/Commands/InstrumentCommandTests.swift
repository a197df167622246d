import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// The command line with instruments.
@Suite struct InstrumentCommandTests {
  private static let bench = "instruments/benches/simulated.yaml"
  /// A run of seconds: one short crossed swords a device.
  private static let short = ["--set", "swords.pulses=40", "--set", "swords.cycles=1"]
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func aBenchIsListedAndChecked() async throws {
    let list = try await Command("list", "--bench", Self.bench)
    #expect(list.status == 0)
    #expect(list.output.contains("smu1  sim:keithley/2636b  Keithley Series 2600B 2636B"))
    #expect(list.output.contains("smua  RA, up to 2.5 V, 10 µA"))
    #expect(list.output.contains("keithley/2400, keithley/2401"))
    let check = try await Command("check", Self.bench)
    #expect(check.status == 0)
    #expect(check.output.contains("smu1  Keithley Instruments Inc., Model 2636B, serial SIM1001"))
    #expect(check.output.contains("terminal RA  off"))
    #expect(check.output.contains("smua.source.limiti  is 1.00000e-01; a run would set 1e-05"))
  }

  @Test func oneCommandIsAskedOfAServedInstrument() async throws {
    let server = try Server("keithley/2400", ["--device", "resistor:10000"])
    let resource = server.printed().trimmingCharacters(in: .whitespacesAndNewlines)
    func ask(_ command: String) async throws -> String {
      let answer = try await Command("query", resource, command, "--family", "keithley/2400")
      #expect(answer.status == 0)
      return answer.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    #expect(try await ask("*IDN?").hasPrefix("KEITHLEY INSTRUMENTS INC.,MODEL 2400,"))
    #expect(try await ask(":SOUR:VOLT:RANG 2;:SOUR:VOLT 1;:SENS:CURR:PROT 1e-3;:OUTP ON") == "")
    #expect(try await ask(":FORM:ELEM CURR;:READ?") == "+1.000000E-04")
    #expect(await server.end().status == 0)
    let gone = try await Command("query", resource, "*IDN?")
    #expect(gone.status == 69)
    #expect(gone.errors.contains("cannot reach 127.0.0.1:"))
  }

  /// Without a family no definition is needed, nor a folder of them.
  @Test func aQueryWorksInAnyFolder() async throws {
    let server = try Server("keithley/2636b")
    let resource = server.printed().trimmingCharacters(in: .whitespacesAndNewlines)
    let elsewhere = ["-C", folder.path("")]
    let answer = try await Command(["query", resource, "*IDN?"], within: elsewhere)
    #expect(answer.status == 0)
    #expect(answer.output.hasPrefix("Keithley Instruments Inc., Model 2636B"))
    let family = ["query", resource, "*IDN?", "--family", "keithley/2636b"]
    #expect(try await Command(family, within: elsewhere).status == 65)
    #expect(await server.end().status == 0)
  }

  /// A client of a serial port finds the same instrument as one of TCP, here with
  /// a device on it that a pulse moves.
  @Test func anInstrumentIsServedOnATerminalToo() async throws {
    let server = try Server("keithley/2636b", ["--pty", "--device", "EcRamMO"])
    let resources = server.printed().split(separator: "\n").map(String.init)
    #expect(resources.count == 2)
    let terminal = try #require(resources.last)
    #expect(terminal.hasPrefix("ASRL/dev/pts/") && terminal.hasSuffix("::INSTR"))
    let line = try #require(
      FileHandle(forUpdatingAtPath: String(terminal.dropFirst(4).dropLast(7))))
    func ask(_ command: String) throws -> Double? {
      try line.write(contentsOf: Data("\(command)\n".utf8))
      var answer = ""
      while !answer.hasSuffix("\n") {
        answer += String(decoding: line.availableData, as: UTF8.self)
      }
      return Double(answer.dropLast())
    }
    let on =
      "for _, smu in pairs({smua, smub}) do smu.source.limiti = 1e-3 smu.source.output = 1 end"
    let read = "smub.source.levelv = 0.1 print(smub.measure.i()) smub.source.levelv = 0"
    let before = try #require(try ask("\(on) \(read)"))
    #expect((1e-7...5e-7).contains(before))
    let pulse = "smua.source.levelv = 4 delay(0.01) smua.source.levelv = 0"
    let after = try #require(try ask("\(pulse) \(read)"))
    #expect(after != before && (1e-7...5e-7).contains(after))
    // By TCP it is the same instrument.
    let other = try await Command("query", resources[0], read, "--family", "keithley/2636b")
    #expect(Double(other.output.trimmingCharacters(in: .whitespacesAndNewlines)) == after)
    #expect(await server.end().status == 0)
  }

  @Test func anUnknownDeviceIsSaid() async throws {
    let typo = try await Command("simulate", "keithley/2400", "--device", "EcRamM0")
    #expect(typo.status == 64 && typo.errors.contains("did you mean 'EcRamMO'?"))
    let none = try await Command("simulate", "keithley/2400", "--device", "resistor:-1")
    #expect(none.status == 64 && none.errors.contains("for example resistor:10k"))
    let relays = try await Command("simulate", "keithley/3706a", "--device", "resistor:1k")
    #expect(relays.status == 64 && relays.errors.contains("cannot drive a device"))
    let bench = try await Command("simulate", Self.bench, "--pty")
    #expect(bench.status == 64 && bench.errors.contains("apply only to an instrument family"))
  }

  /// The same seed gives the same outcome whether the lab is in the process
  /// or behind TCP.
  @Test func aServedLabGivesTheSameOutcome() async throws {
    let server = try Server(Self.bench, ["--seed", "7"])
    let run = ["run", "protocols/crossed-swords.yaml", "--seed", "7", "--json"] + Self.short
    let served = try await Command(
      run + ["--bench", try server.bench(), "--out", folder.path("served")])
    let own = try await Command(run + ["--bench", Self.bench, "--out", folder.path("own")])
    #expect(served.status == own.status)
    let (a, b) = (try #require(served.document), try #require(own.document))
    for device in ["A1", "A2", "C1", "C2"] {
      for key in ["kappa", "gamma_up", "gamma_down", "range", "states", "read_noise"] {
        #expect(
          a.at("outcome.devices.\(device).\(key)") == b.at("outcome.devices.\(device).\(key)"))
      }
    }
    #expect(a["duration_s"] == b["duration_s"] && a["pulses"] == b["pulses"])
    let (status, told) = await server.end()
    #expect(status == 0)
    #expect(!told.contains(" ON"))
  }

  @Test func aRunOnInstrumentsReplaysAndShowsItsWires() async throws {
    let run = try await Command(
      ["run", "protocols/crossed-swords.yaml", "--bench", Self.bench, "--out", folder.path("out")]
        + Self.short + ["--json"])
    let session = try #require(run.document?["session"]?.text)
    let replay = try await Command("replay", session)
    #expect(replay.status == run.status || replay.status == 0)
    #expect(replay.output.contains("identical to the recorded outcome"))
    let wire = try await Command("show", session, "--wire", "--instrument", "gen1")
    let lines = wire.output.split(separator: "\n")
    #expect(lines.first?.contains("gen1  sent \"*IDN?\\n\"") == true)
    #expect(lines.contains { $0.contains(":TRIG1\\n:SYST:ERR?\\n") })
    #expect(lines.suffix(3).contains { $0.contains(":OUTP2?") })
    #expect(lines.allSatisfy { $0.contains("  gen1  ") })
  }

  /// What a user sees of each fault: exit status, message, and whether the
  /// outputs are off in truth.
  @Test(arguments: [
    ("smu1:identity@0", 78, "it identifies itself as ACME Instruments, Toaster 9000"),
    ("smu1:error@100", 74, "it reported -285, TSP Syntax error"),
    ("gen1:error@100", 74, "it reported -113, Undefined header after ':TRIG1'"),
    ("gen1:unsolicited@100", 74, "unexpected reply to ':TRIG1': \"SELF TEST PASSED\""),
    ("smu1:disconnect@100", 74, "smu1: the connection was lost"),
  ])
  func faultsEndARunSafely(fault: String, status: Int, message: String) async throws {
    let server = try Server(Self.bench, ["--fault", fault])
    let run = try await Command([
      "run", "protocols/crossed-swords.yaml", "--bench", try server.bench(), "--out",
      folder.path("out"),
    ])
    #expect(Int(run.status) == status)
    #expect(run.errors.contains(message), "\(run.errors)")
    let (_, told) = await server.end()
    #expect(told.contains("RA  smu1.smua  off") && !told.contains(" ON"), "\(told)")
  }

  /// A dead generator: status 12 names its two outputs, all others are off.
  @Test func aDeadInstrumentIsNamed() async throws {
    let server = try Server(Self.bench, ["--fault", "gen1:hung@100"])
    let run = try await Command([
      "run", "protocols/crossed-swords.yaml", "--bench", try server.bench(), "--out",
      folder.path("out"), "--set", "guardian.persistence=1 s",
    ])
    #expect(run.status == 12)
    #expect(
      run.errors.contains("NOT CONFIRMED SAFE: GA1: timed out waiting for a reply; GA2: timed out"))
    #expect(run.errors.contains("switch the outputs off by hand now"))
    #expect(run.errors.contains("gen1: timed out waiting for a reply"))
    let (_, told) = await server.end()
    #expect(told.contains("GA1  gen1.1  ON") && told.contains("RA  smu1.smua  off"))
  }

  /// Ctrl-C while a query blocks: the run ends before the query's deadline
  /// could, and everything that can be is off.
  @Test func controlCEndsABlockedQuery() async throws {
    let server = try Server(Self.bench, ["--fault", "smu1:silent@100"])
    let run = try Running([
      "run", "protocols/crossed-swords.yaml", "--bench", try server.bench(), "--out",
      folder.path("out"), "--set", "guardian.persistence=1 s",
    ])
    #expect(run.hears("crossed swords A1"))
    run.interrupt()
    let (status, _, errors) = await run.end()
    // Before or after the fault: all confirmed, or all but the silent one.
    #expect(status == 130 || (status == 12 && errors.contains("RA: timed out waiting for a reply")))
    let (_, told) = await server.end()
    #expect(!told.contains(" ON"), "\(told)")
  }

  @Test func mistakesOfABenchOfInstrumentsAreSaid() async throws {
    let cases = [
      ("instruments.smu1.resource=sim:keithley/2636x", "did you mean 'keithley/2636b'?"),
      ("instruments.smu1.resource=TCPIP::here", "TCPIP0::here::5025::SOCKET"),
      ("instruments.smu1.resource=TCPIP0::127.0.0.1::1::SOCKET", "'family' is missing"),
      ("terminals.RA.channel=smu1.smuc", "a 2636B has no channel 'smuc'"),
      ("terminals.RA.channel=smu1.smub", "the channel smu1.smub is used twice"),
      ("terminals.RA.channel=gen1.1", "rows and drains need a source meter"),
      ("terminals.RA.voltage=300 V", "300 V is more than a 2636B can source"),
      ("terminals.RA.current=3 A", "3 A is more than a 2636B can measure"),
      (
        "idle=float",
        "GA1 cannot float: a pulse generator holds it at its idle level through 50 ohms"
      ),
    ]
    for (setting, message) in cases {
      let run = try await Command(
        "run", "protocols/crossed-swords.yaml", "--bench", Self.bench, "--out", folder.path("out"),
        "--set", setting)
      #expect(run.status == 65, "\(setting)")
      #expect(run.errors.contains(message), "\(setting): \(run.errors)")
    }
    let mixed = try await Command(
      "check", Self.bench, "--set", "instruments.smu1.resource=TCPIP0::127.0.0.1::1::SOCKET",
      "--set", "instruments.smu1.family=keithley/2636b")
    #expect(mixed.status == 65)
    #expect(mixed.errors.contains("simulated and real instruments cannot share a bench"))
    #expect(folder.content("out").isEmpty)
  }

  /// Whoever presses Ctrl-C twice must not leave outputs on.
  @Test func aSecondControlCEndsNothingSooner() async throws {
    let server = try Server(Self.bench)
    let run = try Running([
      "run", "protocols/crossed-swords.yaml", "--bench", try server.bench(), "--out",
      folder.path("out"),
    ])
    #expect(run.hears("crossed swords A1"))
    for _ in 0..<5 { run.interrupt() }
    let (status, _, _) = await run.end()
    #expect(status == 130)
    let (_, told) = await server.end()
    #expect(told.contains("RA  smu1.smua  off") && !told.contains(" ON"), "\(told)")
  }

  /// A full disk or a reader that has gone behind standard error must not end
  /// a run that has outputs on.
  @Test(arguments: ["2>/dev/full", "2>&1 | head -1"])
  func whatCannotBePrintedEndsNoRun(redirection: String) async throws {
    let server = try Server(Self.bench)
    let line =
      "\(Command.program("saltire").path) run protocols/crossed-swords.yaml --bench \(try server.bench())"
      + " --out \(folder.path("out")) \(Self.short.joined(separator: " ")) \(redirection)"
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", "set -o pipefail; \(line)"]
    shell.currentDirectoryURL = Command.root
    shell.standardOutput = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    #expect([0, 11].contains(shell.terminationStatus))
    let (_, told) = await server.end()
    #expect(told.contains("RA  smu1.smua  off") && !told.contains(" ON"), "\(told)")
  }

  /// What somebody left on is made safe from the bench file alone; one instrument
  /// that is gone is named, and keeps no other on.
  @Test func whatWasLeftOnIsSwitchedOff() async throws {
    let server = try Server(Self.bench)
    let path = try server.bench()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let addresses = text.matches(of: /TCPIP0::127[^"]+SOCKET/).map { String($0.output) }
    for address in addresses.prefix(3) {
      let on =
        "for _, smu in pairs({smua, smub}) do smu.source.levelv = 1 smu.source.output = 1 end"
      #expect(try await Command("query", address, on, "--family", "keithley/2636b").status == 0)
    }
    let off = try await Command("off", "--bench", path)
    #expect(off.status == 0)
    for terminal in ["RA", "DC2", "GA1"] { #expect(off.output.contains("\(terminal)  off\n")) }
    // One that nobody answers for.
    let gone = try folder.write(
      text.replacing(addresses[2], with: "TCPIP0::127.0.0.1::1::SOCKET"), "gone.yaml")
    let rest = try await Command("off", "--bench", gone)
    #expect(rest.status == 12)
    #expect(rest.output.contains("RA  off\n") && rest.output.contains("DC1  NOT CONFIRMED: "))
    // Where somebody else answers nothing is confirmed.
    let (first, generator) = (addresses[0], addresses[3])
    let swapped = try folder.write(
      text.replacing(first, with: "*").replacing(generator, with: first)
        .replacing("*", with: generator), "swapped.yaml")
    let strangers = try await Command("off", "--bench", swapped)
    #expect(strangers.status == 12)
    #expect(
      strangers.output.contains("RA  NOT CONFIRMED: ") && strangers.output.contains("RC  off\n"))
    let (_, told) = await server.end()
    #expect(told.contains("RA  smu1.smua  off") && !told.contains(" ON"), "\(told)")
  }

  /// One of another model at an address is told to switch off, and is not taken for the one
  /// in the file.
  @Test func strangersAreNamed() async throws {
    let server = try Server(Self.bench)
    let path = try server.bench()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let address = try #require(text.firstMatch(of: /TCPIP0::127[^"]+SOCKET/)).output
    let on = try await Command(
      "query", String(address), "smua.source.levelv = 1 smua.source.output = 1", "--family",
      "keithley/2636b")
    #expect(on.status == 0)
    let other = try folder.write(
      text.replacing("keithley/2636b", with: "keithley/2612b"), "other.yaml")
    let off = try await Command("off", "--bench", other)
    #expect(off.status == 12)
    #expect(off.output.contains("RA  NOT CONFIRMED: it identifies itself as Keithley Instruments"))
    let (_, told) = await server.end()
    #expect(told.contains("RA  smu1.smua  off"), "\(told)")
    #expect(try await Command("off", "--bench", Self.bench).status == 64)
  }

  /// What the channels are not set up for is found before anything runs.
  @Test(arguments: [
    (
      "simulated", "shd", "terminals.RA.voltage=1 V",
      "half of the pulse applies 2 V to RA, which is configured for 1 V"
    ),
    (
      "simulated-2400", "crossed-swords", "pulse.width=5 ms",
      "pulses on GA1 are timed by the host, which takes 10 ms at least"
    ),
    (
      "simulated-one-device", "crossed-swords", "pulse.width=0.5 ms",
      "pulses on GA1 are timed by a script, which takes 1 ms at least"
    ),
  ])
  func demandsAreHeldAgainstTheChannels(
    bench: String, experiment: String, setting: String, message: String
  ) async throws {
    let check = try await Command(
      "check", "protocols/\(experiment).yaml", "--bench", "instruments/benches/\(bench).yaml",
      "--set", setting)
    #expect(check.status == 65)
    #expect(check.errors.contains(message), "\(check.errors)")
  }
}
