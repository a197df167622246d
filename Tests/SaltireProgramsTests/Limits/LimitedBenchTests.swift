import SaltireBenches
import SaltireCore
import SaltireLearning
import SaltirePrograms
import SaltireRecords
import SaltireTesting
import TestRigs
import Testing

/// Limits of the shipped bench: 5 V, 100 ms, 200 mV.
@Suite struct LimitedBenchTests {
  private let probe: ProbeBench
  private let model: BenchFile

  init() throws {
    model = try Shipped.bench()
    probe = ProbeBench(try ModelBench())
  }

  /// The violation by `steps`; nil if they are performed.
  private func violation(
    _ steps: [Step], _ settings: [String] = []
  ) async throws -> LimitViolation? {
    let limits = try Shipped.bench("model", settings).limits
    let bench = LimitedBench(probe, limits: limits)
    let before = probe.programs.count
    let error = await failure { () throws(BenchError) in try await bench.perform(Program(steps)) }
    guard let error else { return nil }
    guard case .limit(let violation) = error else {
      Issue.record("\(error)")
      return nil
    }
    if violation.kind != .conductance { #expect(probe.programs.count == before) }
    return violation
  }

  private static func train(_ levels: [(Terminal, Double)], width: Double = 0.01) -> Step {
    .train(
      PulseTrain(
        slots: 2, width: width, gap: 0,
        lines: levels.map { .init($0.0, level: $0.1, fires: nil) }))
  }

  private static func reading(_ seconds: Double) -> Step {
    .read(Reading(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: seconds))
  }

  /// Pulses follow each other as closely whether one train makes them or many do.
  @Test(
    arguments: [
      [train([("GA1", 1)])],
      [.repeat(2, [pulse, .rest(0.009)])],
      [.repeat(50, [pulse, .rest(0)])],
      [pulse, .rest(0.004), reading(0.004), pulse],
      [pulse, .repeat(3, [.rest(0.003)]), pulse],
      [.repeat(3, [.rest(0.005), pulse, .rest(0.004)])],
      [.repeat(1, [.repeat(2, [pulse]), .rest(1)])],
      [pulse, .rest(0.005), .repeat(0, [.rest(1), pulse]), .rest(0.004), pulse],
    ] as [[Step]])
  func dutyIsHeldFromPulseToPulse(steps: [Step]) async throws {
    let found = try await violation(steps, ["limits.gate.duty=0.5"])
    #expect(found?.kind == .duty && found?.limit == 0.5)
    #expect(try await violation(steps, ["limits.gate.duty=1"]) == nil)
  }

  @Test(
    arguments: [
      [pulse], [.repeat(50, [pulse, .rest(0.01)])], [.repeat(2, [pulse, reading(0.01)])],
      [pulse, .rest(0.004), reading(0.006), pulse],
      [.repeat(3, [.rest(0.005), pulse, .rest(0.005)])],
      // Another device's are not its own.
      [
        .train(
          PulseTrain(slots: 2, width: 0.01, gap: 0, lines: [.init("GC1", level: 1, fires: nil)]))
      ],
    ] as [[Step]])
  func dutyIsThatOfADevicesOwnPulses(steps: [Step]) async throws {
    #expect(try await violation(steps, ["limits.devices.A1.gate.duty=0.5"]) == nil)
  }

  private static let pulse = Step.pulse("GA1", level: 1, width: 0.01)

  /// Lengths and numbers that are none are refused before anything is performed.
  @Test(
    arguments: [
      .train(PulseTrain(slots: -1, width: 0.01, gap: 0, lines: [])),
      .train(PulseTrain(slots: 1, width: 0.01, gap: -1, lines: [])),
      .train(PulseTrain(slots: 1, width: 0.01, gap: .infinity, lines: [])),
      .train(PulseTrain(slots: 1, width: 0.01, gap: .nan, lines: [])),
      reading(0), reading(-1), reading(.infinity), reading(.nan),
      .rest(-1), .rest(.infinity), .rest(.nan), .repeat(-1, [.rest(1)]),
      .repeat(2, [.rest(.nan)]),
    ] as [Step])
  func whatIsNoLengthIsRefused(step: Step) async throws {
    let bench = LimitedBench(probe, limits: model.limits)
    let error = await failure { () throws(BenchError) in
      try await bench.perform(Program([.rest(1), step]))
    }
    guard case .impossible? = error else {
      Issue.record("\(step): \(String(describing: error))")
      return
    }
    #expect(probe.programs.isEmpty)
  }

  /// A pulse with an invalid width violates the width limit.
  @Test(arguments: [0, -0.01, .nan, .infinity])
  func widthsThatAreNoneAreHeld(width: Double) async throws {
    #expect(try await violation([Self.train([("GA1", 4)], width: width)])?.kind == .pulseWidth)
  }

  /// A read may drive a gate as little as a pulse may, alone and against its row.
  @Test(arguments: [(0.14, 0.0), (0.16, 0), (0.1, -0.06), (0, 0.16)])
  func gatesAreHeldInReadsToo(gate: Double, row: Double) async throws {
    let read = Reading(
      drives: [.init("GA1", level: gate), .init("RA", level: row)], measures: ["RA"],
      integration: 0.02)
    let found = try await violation([.read(read)], ["limits.gate.voltage=150 mV"])
    #expect(found?.kind == (gate - row == 0.14 ? nil : .gateVoltage))
  }

  /// After one pulse, an overflowing number of pulses exceeds the limit rather than wrapping
  /// around.
  @Test func pulsesThatCannotBeCountedAreTooMany() async throws {
    let bench = LimitedBench(probe, limits: model.limits)
    _ = try await bench.perform(Program([.pulse("GA1", level: 4, width: 0.01)]))
    let error = await failure { () throws(BenchError) in
      try await bench.perform(
        Program([.repeat(.max, [.pulse("GA1", level: 4, width: 0.01)])]))
    }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.kind == .pulses)
    #expect(probe.programs.count == 1)
  }

  /// A drain is pulsed against a row that stays: what a read may not do, a
  /// train may not do either.
  @Test(arguments: [0.19, 0.21])
  func drainsAreHeldToTheDrainVoltageInTrainsToo(level: Double) async throws {
    let found = try await violation([Self.train([("DA1", level)])])
    #expect(found?.kind == (level > 0.2 ? .drainVoltage : nil))
  }

  @Test(arguments: ["GA1", "GC2", "RA"] as [Terminal], [1.0, -1.0])
  func eachLineAloneIsHeldToTheGateVoltage(line: Terminal, sign: Double) async throws {
    #expect(try await violation([Self.train([(line, 5 * sign)])]) == nil)
    let found = try await violation([.rest(1), .repeat(2, [Self.train([(line, 5.01 * sign)])])])
    let beyond = try #require(found)
    #expect(beyond.kind == .gateVoltage)
    #expect(beyond.value == 5.01)
    #expect(beyond.limit == 5)
    #expect(beyond.place == line.name)
    #expect(beyond.location == model.limits.gateVoltage.location)
    #expect(beyond.message == "gate voltage 5.01 V on \(line) exceeds the gate limit 5 V")
  }

  /// Each line is within the limit, their difference is not: whatever the
  /// trains say, for a bit train must not be what keeps a device alive.
  @Test func gateMinusRowIsHeldToTheGateVoltage() async throws {
    #expect(try await violation([Self.train([("GA1", 2.5), ("RA", -2.5)])]) == nil)
    let beyond = try #require(try await violation([Self.train([("RA", -2.6), ("GA1", 2.5)])]))
    #expect(beyond.kind == .gateVoltage)
    #expect(abs(beyond.value - 5.1) < 1e-12)
    #expect(beyond.place == "A1")
    // The same sign on both leaves little between them; another array's row
    // is no matter.
    #expect(try await violation([Self.train([("GA1", 4), ("RA", 4)])]) == nil)
    #expect(try await violation([Self.train([("GA1", 4), ("RC", -4)])]) == nil)
    let never = BitTrain([true, false])
    let apart = PulseTrain(
      slots: 2, width: 0.01, gap: 0,
      lines: [
        .init("GA1", level: 4, fires: never),
        .init("RA", level: -4, fires: BitTrain([false, true])),
      ])
    #expect(try await violation([.train(apart)])?.kind == .gateVoltage)
  }

  /// A line that is used twice in a train must not hide behind its first use.
  @Test func everyPairOfLinesIsHeldToTheGateVoltage() async throws {
    let twice = Self.train([("GA1", -4), ("RA", -4), ("GA1", 4)])
    #expect(try await violation([twice])?.kind == .gateVoltage)
  }

  @Test func widthAndDrainVoltageAreHeld() async throws {
    #expect(try await violation([Self.train([("GA1", 4)], width: 0.1)]) == nil)
    let wide = try #require(try await violation([Self.train([("GA1", 4)], width: 0.101)]))
    #expect(wide.kind == .pulseWidth)
    #expect(wide.message == "pulse width 101 ms exceeds the limit 100 ms")
    #expect(try await violation([.look(level: -0.2)]) == nil)
    let high = try #require(try await violation([.look(level: -0.21)]))
    #expect(high.kind == .drainVoltage)
    #expect(high.place == "DA1")
    #expect(high.location == model.limits.drainVoltage.location)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func whatIsNoNumberIsRefused(value: Double) async throws {
    #expect(try await violation([Self.train([("GA1", value)])])?.kind == .gateVoltage)
    #expect(try await violation([Self.train([("RA", value)])])?.kind == .gateVoltage)
    #expect(try await violation([Self.train([("GA1", 1)], width: value)])?.kind == .pulseWidth)
    #expect(try await violation([.look(level: value)])?.kind == .drainVoltage)
  }

  @Test func pulsesAreCountedOverTheWholeSession() async throws {
    let limits = try Shipped.bench("model", ["limits.session.pulses=10"]).limits
    let bench = LimitedBench(probe, limits: limits)
    let pulse = Step.pulse("GA1", level: 4, width: 0.01)
    _ = try await bench.perform(Program([.repeat(6, [pulse])]))
    // Five more would be eleven; none of them is sent, so four still fit.
    let error = await failure { () throws(BenchError) in
      try await bench.perform(Program([.repeat(5, [pulse])]))
    }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.kind == .pulses)
    #expect(violation.value == 11)
    #expect(violation.message == "11 pulses exceed the 10 allowed in one session")
    _ = try await bench.perform(Program([.repeat(4, [pulse]), .look()]))
    #expect(probe.programs.count == 2)
    #expect(probe.programs.map(\.extent.pulses) == [6, 4])
  }

  /// The window shows only in a read of one device, which has happened then:
  /// the run stops after it.
  @Test func aDeviceOutsideTheConductanceWindowStopsTheRun() async throws {
    let narrow = ["limits.conductance.max=3 uS", "limits.conductance.min=2 uS"]
    let up = Step.repeat(100, [.pulse("GA1", level: 4, width: 0.01)])
    #expect(try await violation([.look()], narrow) == nil)
    let found = try await violation([.look(), up, .repeat(2, [.look("DA2"), .look()])], narrow)
    let beyond = try #require(found)
    #expect(beyond.kind == .conductance)
    #expect(beyond.place == "A1")
    #expect(beyond.limit == 3e-6)
    #expect(beyond.value > 3e-6)
    #expect(beyond.location?.excerpt.contains("limits.conductance.max") == true)
    #expect(probe.programs.count == 2)
    // A drive of nothing and a sum of two devices say nothing about one.
    let sum = Reading(
      drives: [.init("DA1", level: 0.1), .init("DA2", level: 0.1)], measures: ["RA"],
      integration: 0.02)
    #expect(try await violation([.read(sum), .look(level: 0)], narrow) == nil)
    // Nor does a small input after a read of full scale: mostly noise.
    #expect(
      try await violation([.look("DC1", "RC"), .look("DC1", "RC", level: 0.0001)], narrow) == nil)
  }

  @Test func aRefusedProgramLeavesNoRecord() async throws {
    let folder = try TemporaryFolder()
    let session = try Session.create(
      at: folder["a.saltire"], manifest: .empty, durability: .powerLoss)
    let bench = LimitedBench(
      try JournaledBench(probe, session: session), limits: model.limits)
    for step in [
      Self.train([("GA1", 6)]), Self.train([("GA1", 3), ("RA", -3)]), .look(level: 1),
    ] {
      let error = await failure { () throws(BenchError) in
        try await bench.perform(Program([.look(), step]))
      }
      #expect(error != nil)
    }
    #expect(try session.stepCount() == 0)
    #expect(probe.programs.isEmpty)
    // The next one is the first.
    _ = try await bench.perform(Program([.look()]))
    #expect(try session.stepCount() == 1)
    #expect(try session.step(0)?.program == Program([.look()]))
    try session.close()
  }
}
