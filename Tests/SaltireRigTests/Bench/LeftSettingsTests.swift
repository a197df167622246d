import SaltireBenches
import SaltireInstruments
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

/// What another program or a hand at the front panel left in an instrument.
@Suite struct LeftSettingsTests {
  /// A setting as somebody left it.
  struct Left: CustomTestStringConvertible, Sendable {
    var bench: String
    var instrument: String
    var message: String
    /// Whether the simulated instrument shows it where it is left after arming.
    var isSeen = true

    var testDescription: String { "\(bench), \(instrument): \(message)" }

    static let all: [Left] =
      [
        "format.asciiprecision=1", "smua.measure.count=5", "smua.measure.delay=0.1",
        "smua.source.delay=0.1", "smua.measure.rel.leveli=1e-6 smua.measure.rel.enablei=1",
        "smua.measure.filter.type=1 smua.measure.filter.count=9 smua.measure.filter.enable=1",
        "smua.measure.filter.type=0 smua.measure.filter.count=9 smua.measure.filter.enable=1",
        "smua.measure.filter.type=2 smua.measure.filter.count=9 smua.measure.filter.enable=1",
      ].map { Left(bench: "simulated", instrument: "smu1", message: $0) }
      + [
        "format.data=format.REAL64", "format.byteorder=format.BIGENDIAN", "localnode.showerrors=1",
        "smua.source.limitp=1e-9", "smua.source.highc=1", "smua.source.settling=128",
        "smua.measure.analogfilter=0", "smua.source.sink=1",
      ].map { Left(bench: "simulated", instrument: "smu1", message: $0, isSeen: false) }
      + [
        ":TRIG1:DEL 0.5", ":SOUR1:AM:STAT ON", ":SOUR1:BURS:MODE GAT",
        ":SOUR1:VOLT:LIM:STAT OFF;:OUTP1:LOAD 50",
      ].map { Left(bench: "simulated", instrument: "gen1", message: $0) }
      + [
        ":OUTP1:POL INV", ":SOUR1:FUNC:PULS:HOLD DCYC", ":SOUR1:BURS:PHAS 90",
        ":SOUR1:FM:STAT ON", ":SOUR1:SWE:STAT ON", ":INIT1:CONT OFF", ":OUTP:TRIG ON",
        ":SOUR1:FREQ:MODE SWE",
        ":SOUR1:FUNC:PULS:TRAN:LEAD 1e-6", ":SOUR1:VOLT:UNIT VRMS", ":TRIG1:SOUR IMM",
      ].map { Left(bench: "simulated", instrument: "gen1", message: $0, isSeen: false) }
      + [
        ":ARM:SOUR BUS", ":TRIG:SOUR TLIN", ":TRIG:DEL 0.1", ":ARM:COUN 3",
        ":SENS:AVER:COUN 9;:SENS:AVER ON", ":SENS:AVER:TCON MOV;COUN 9;:SENS:AVER ON",
        ":SOUR:DEL 0.2",
      ].map { Left(bench: "simulated-2400", instrument: "drain", message: $0) }
      + [
        ":SOUR:DEL:AUTO ON", ":SYST:AZER OFF", ":TRIG:OUTP SENS", ":ARM:DIR SOUR",
        ":TRAC:FEED:CONT NEXT", ":SYST:GUAR OHMS", ":SENS:CURR:PROT:RSYN ON",
      ].map { Left(bench: "simulated-2400", instrument: "drain", message: $0, isSeen: false) }
      + [
        ":FORM:ASC:PREC 2", ":SENS:COUN 3", ":SENS:CURR:AVER:COUN 9;:SENS:CURR:AVER ON",
        ":SOUR:VOLT:DEL 0.2",
      ].map { Left(bench: "simulated-2450", instrument: "drain", message: $0) }
      + [
        ":TRAC:FILL:MODE ONCE", ":SOUR:VOLT:HIGH:CAP ON", ":CALC:CURR:MATH:STAT ON",
        ":SENS:CURR:AZER OFF", ":SENS:CURR:UNIT OHM",
      ].map { Left(bench: "simulated-2450", instrument: "drain", message: $0, isSeen: false) }
      + [
        ":OUTP1:HCAP ON", ":OUTP1:FILT OFF", ":SENS1:WAIT OFF", ":SOUR1:WAIT OFF",
        ":SOUR1:FUNC:TRIG:CONT ON", ":OUTP1:OFF:AUTO ON",
      ].map { Left(bench: "simulated-b2902a", instrument: "smu", message: $0, isSeen: false) }
  }

  /// A run after somebody else is a run after a reset.
  @Test(arguments: Left.all)
  func armingLeavesNothingOfIt(left: Left) async throws {
    let fresh = try await Self.run(left.bench) { _ in
    } after: { _ in
    }
    let other = try await Self.run(left.bench) {
      $0.leave(left)
    } after: { _ in
    }
    #expect(other == fresh)
  }

  /// What is left shows in readings or times, or there is no reading.
  @Test(arguments: Left.all.filter(\.isSeen))
  func whatIsLeftWouldBeSeen(left: Left) async throws {
    let fresh = try await Self.run(left.bench) { _ in
    } after: { _ in
    }
    let other = try? await Self.run(left.bench) { _ in
    } after: {
      $0.leave(left)
    }
    #expect(other != fresh)
  }

  /// What a short program does and sees.
  private static func run(
    _ bench: String, before: (LiveRig) -> Void, after: (LiveRig) -> Void
  ) async throws -> [Double] {
    let rig = try LiveRig(bench, ["engine=host-stepped"])
    before(rig)
    _ = try await rig.live.connect()
    try await rig.live.arm()
    for check in try await rig.live.check() {
      #expect(check.settings.filter { !$0.isAsArmed }.map(\.question) == [])
    }
    after(rig)
    let row = rig.file.wiring.arrays[0].row
    let sites = rig.file.wiring.sites
    let read = Reading(
      drives: [.init(sites[0].drain, level: 0.1)], measures: [row ?? sites[0].drain],
      integration: 0.02)
    let gate = sites[0].gate
    let seen = try await rig.live.perform(
      Program([
        .read(read), .pulse(gate, level: 4, width: 0.01), .read(read), .rest(0.05),
        .pulse(gate, level: -4, width: 0.01), .rest(0.05), .read(read),
        .pulse(gate, level: -4, width: 0.01), .rest(0.05), .read(read),
      ]))
    let device = try #require(rig.lab.devices[sites[0].device])
    #expect(await rig.live.makeSafe().isSafe)
    return seen.currents + [seen.duration, device.conductance, Double(device.pulses)]
  }

  // MARK: What is only asked

  /// An instrument that counts cycles of another mains frequency than the bench file is refused.
  @Test(arguments: [
    ("simulated-2400", "drain", ":SYST:LFR 60"),
    ("simulated-one-device", "smu1", "localnode.linefreq=60"),
    ("simulated-b2902a", "smu", ":SYST:LFR 60"),
  ])
  func otherMainsAreRefused(bench: String, instrument: String, message: String) async throws {
    let rig = try LiveRig(bench)
    rig.leave(Left(bench: bench, instrument: instrument, message: message))
    _ = try await rig.live.connect()
    let asked = try await rig.live.check().flatMap(\.settings).filter {
      $0.isOnlyAsked && !$0.isAsArmed
    }
    #expect(asked.map(\.found).allSatisfy { ReadBack.agrees($0, with: "60") } && !asked.isEmpty)
    let failure = try #require(await rig.refusal())
    guard case .unlikeBench(.mains, _, _) = failure.error else {
      Issue.record("\(failure.message)")
      return
    }
    #expect(
      failure.message
        == "\(instrument): it counts mains cycles of 60 Hz; the bench file says 50 Hz")
    #expect(rig.energised.isEmpty)
  }

  @Test(arguments: [
    "simulated", "simulated-one-device", "simulated-2400", "simulated-2450", "simulated-b2902a",
  ])
  func otherMainsAreTakenWhereTheBenchHasThem(bench: String) async throws {
    let rig = try await LiveRig.armed(bench, ["mains=60 Hz"])
    #expect(rig.energised == rig.file.wiring.terminals)
  }

  @Test(arguments: ["simulated-2400", "simulated-2450"])
  func otherTerminalsAreRefusedUnlessTheBenchSaysSo(bench: String) async throws {
    let rear = Left(bench: bench, instrument: "drain", message: ":ROUT:TERM REAR")
    let rig = try LiveRig(bench)
    rig.leave(rear)
    _ = try await rig.live.connect()
    let failure = try #require(await rig.refusal())
    #expect(failure.message == "drain: its REAR terminals are in use; the bench file says FRON")
    let wired = try LiveRig(bench, ["instruments.drain.side=rear"])
    wired.leave(rear)
    _ = try await wired.live.connect()
    try await wired.live.arm()
    #expect(wired.energised == wired.file.wiring.terminals)
  }

  /// A limit of somebody's own is not taken away, and not worked with.
  @Test(arguments: [
    ("simulated-2400", "drain", ":SOUR:VOLT:PROT 40"),
    ("simulated-2400", "drain", ":SOUR:VOLT:TRIG 5"),
    ("simulated-2450", "drain", ":SOUR:VOLT:PROT PROT20"),
    ("simulated-b2902a", "smu", ":OUTP1:LOW FLO"),
  ])
  func whatIsOnlyAskedIsNotChanged(bench: String, instrument: String, message: String) async throws
  {
    let rig = try LiveRig(bench)
    rig.leave(Left(bench: bench, instrument: instrument, message: message))
    _ = try await rig.live.connect()
    let failure = try #require(await rig.refusal())
    guard case .unfit = failure.error else {
      Issue.record("\(failure.message)")
      return
    }
    #expect(!rig.sent(to: instrument).contains { $0.contains("PROT PROT") || $0.contains("LOW ") })
    #expect(rig.energised.isEmpty)
  }
}

extension LiveRig {
  fileprivate func leave(_ left: LeftSettingsTests.Left) {
    // A 2400 ends messages with CR; others take it for white space.
    _ = lab.receive(Array("\(left.message)\r\n".utf8), at: left.instrument)
  }

  /// Why the bench is not armed.
  fileprivate func refusal() async -> InstrumentFailure? {
    do throws(BenchError) {
      try await live.arm()
      return nil
    } catch .failed(let failure as InstrumentFailure) {
      return failure
    } catch {
      return nil
    }
  }
}
