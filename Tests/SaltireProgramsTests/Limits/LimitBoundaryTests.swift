import SaltireCore
import SaltireSimulation
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltireExperiments
@testable import SaltirePrograms
@testable import SaltireRig

/// Protocols drawn around the limits: what is beyond one is refused before a byte
/// is sent, what is within them all runs.
@Suite struct LimitBoundaryTests {
  private static let limits = [
    "limits.gate.voltage=5 V", "limits.gate.min=-4.5 V", "limits.gate.step=4.8 V",
    "limits.gate.width=20 ms", "limits.gate.duty=0.6", "limits.drain.voltage=150 mV",
    "limits.session.pulses=3000", "limits.devices.A2.gate.max=4.2 V",
    "limits.devices.A2.drain.voltage=120 mV",
  ]

  /// A limit's setting in a protocol: just within, or just beyond.
  private struct Setting {
    let key: String
    /// Of the whole bench, in the unit; times this is asked for.
    let limit: Double
    let unit: String
    /// Where only one device has the limit.
    var device: String?
  }

  private static let settings = [
    Setting(key: "pulse.up", limit: 4.8, unit: "V"),
    Setting(key: "pulse.up", limit: 4.2, unit: "V", device: "A2"),
    Setting(key: "pulse.down", limit: -4.5, unit: "V"),
    Setting(key: "pulse.width", limit: 0.02, unit: "s"),
    Setting(key: "read.voltage", limit: 0.15, unit: "V"),
    Setting(key: "read.voltage", limit: 0.12, unit: "V", device: "A2"),
  ]

  /// A hundred protocols, each at one limit, on devices drawn at random: wrong
  /// where the limit is the device's or the bench's and the factor above 1.
  ///
  /// One after another: a hundred labs at once hold more descriptors than
  /// Foundation's `Process` of other tests can list.
  @Test(.serialized, arguments: 0..<100)
  func protocolsAtALimit(number: Int) async throws {
    var random = RandomStream(seed: UInt64(number), name: "boundary")
    let setting = Self.settings[number % Self.settings.count]
    let isBeyond = random.uniform() < 0.5
    let factor = isBeyond ? 1 + 1e-6 + 0.1 * random.uniform() : 1 - 0.02 * random.uniform()
    let others = ["A1", "C1", "C2"].filter { _ in random.uniform() < 0.5 }
    // With a limit of its own the device must be among them to be asked.
    let includes = setting.device.map { _ in random.uniform() < 0.7 } ?? true
    var devices = others + (includes ? [setting.device ?? "A1"] : [])
    if devices.isEmpty { devices = ["C2"] }
    let isWrong = isBeyond && (setting.device == nil || includes)
    let protocolSettings = [
      "pulse.up=4 V", "pulse.down=-4 V", "swords.pulses=20", "swords.cycles=1",
      "\(setting.key)=\(setting.limit * factor) \(setting.unit)",
      "measure=[\(Set(devices).sorted().joined(separator: ", "))]",
    ].filter { !$0.hasPrefix("\(setting.key)=4 ") && !$0.hasPrefix("\(setting.key)=-4 ") }
    let file = try Shipped.bench("simulated", Self.limits + ["conditions.case=\(number)"])
    let open = try OpenBench(file, seed: 3)
    let prepared: PreparedExperiment
    do {
      prepared = try Shipped.experiment("crossed-swords", for: file, protocolSettings)
    } catch let faults as Diagnostics {
      #expect(isWrong, "\(protocolSettings): \(faults.items.map(\.message))")
      #expect(faults.items[0].message.contains("exceeds the bench's limit"))
      #expect(open.lab?.wireTraffic.isEmpty == true)
      return
    }
    #expect(!isWrong, "\(protocolSettings) was let pass")
    _ = try await open.live?.connect()
    try await open.live?.arm()
    let result = await Runner.run(
      prepared, on: LimitedBench(open.bench, limits: file.limits), seed: 3)
    _ = try result.conclusion.get()
    #expect(result.safe.isSafe)
  }

  /// The same of single programs, which the check of a protocol does not see:
  /// each beyond just one limit, or just within.
  private struct Probe: Sendable, CustomStringConvertible {
    let kind: Limit.Kind
    let steps: @Sendable (Double) -> [Step]
    var description: String { "\(kind)" }
  }

  private static func train(
    _ lines: [(Terminal, Double)], slots: Int = 2, width: Double = 0.01, gap: Double = 0.02
  ) -> Step {
    .train(
      PulseTrain(
        slots: slots, width: width, gap: gap,
        lines: lines.map { .init($0.0, level: $0.1, fires: nil) }))
  }

  private static let probes: [Probe] = [
    Probe(kind: .gateVoltage) { [train([("GA1", -4.5 * $0)])] },
    Probe(kind: .gateVoltage) { [train([("GA2", 4.2 * $0)])] },
    Probe(kind: .gateVoltage) { [train([("GA1", -2.25 * $0), ("RA", 2.25 * $0)])] },
    // Either line failing alone: the row's part is on every device of its array.
    Probe(kind: .gateVoltage) { [train([("RA", 4.5 * $0)])] },
    Probe(kind: .gateVoltage) { [train([("RA", -4.2 * $0)])] },
    Probe(kind: .gateStep) { [train([("GC1", 2.4 * $0), ("RC", -2.4 * $0)])] },
    Probe(kind: .pulseWidth) { [train([("GC1", 1)], width: 0.02 * $0)] },
    Probe(kind: .duty) { [train([("GC1", 1)], width: 0.01, gap: 0.01 * (1 / (0.6 * $0) - 1))] },
    Probe(kind: .drainVoltage) { [.look("DC1", "RC", level: 0.15 * $0)] },
    Probe(kind: .drainVoltage) { [.look("DA2", "RA", level: -0.12 * $0)] },
    Probe(kind: .drainVoltage) { level in
      [
        .read(
          Reading(
            drives: [.init("DC1", level: 0.1), .init("RC", level: 0.1 - 0.15 * level)],
            measures: ["RC"], integration: 0.02))
      ]
    },
    Probe(kind: .drainVoltage) { [train([("DC1", 0.15 * $0)])] },
    Probe(kind: .pulses) { [.repeat(Int(1500 * $0), [train([("GC1", 1)])])] },
    Probe(kind: .pulses) { [.repeat($0 > 1 ? .max : 1, [train([("GC1", 1)])])] },
  ]

  @Test(arguments: Array(probes.indices))
  func programsAtALimit(index: Int) async throws {
    let probe = Self.probes[index]
    let file = try Shipped.bench("simulated", Self.limits)
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "programs")
      for isBeyond in [false, true] {
        let factor = isBeyond ? 1.001 + 0.03 * random.uniform() : 0.999 - 0.1 * random.uniform()
        let inner = ProbeBench(try ModelBench("simulated"))
        let bench = LimitedBench(inner, limits: file.limits)
        let error = await failure { () throws(BenchError) in
          try await bench.perform(Program(probe.steps(factor)))
        }
        guard isBeyond else {
          #expect(error == nil, "\(probe.kind) at \(factor)")
          continue
        }
        guard case .limit(let violation)? = error else {
          Issue.record("\(probe.kind) at \(factor): \(String(describing: error))")
          continue
        }
        #expect(violation.kind == probe.kind)
        #expect(inner.programs.isEmpty)
      }
    }
  }

  /// What is sent is held against the limits by itself: nobody refused the
  /// program before.
  @Test(arguments: ["best", "host-stepped"])
  func whatIsLoweredIsHeldToo(engine: String) async throws {
    let settings = ["limits.gate.voltage=3 V", "engine=\(engine)"]
    let lowered = try Shipped.bench(
      "simulated",
      settings + ["GA1", "GA2", "GC1", "GC2"].map { "terminals.\($0).voltage=3 V" })
    let open = try OpenBench(lowered, seed: 3)
    let live = try #require(open.live)
    _ = try await live.connect()
    try await live.arm()
    let before = open.lab?.wireTraffic
    for steps in [
      [Self.train([("GA1", 1.6), ("RA", -1.6)])],
      [Self.train([("GA1", 2.9)]), Self.train([("GC1", -1.7), ("RC", 1.7)])],
    ] {
      let error = await failure { () throws(BenchError) in
        try await live.perform(Program(steps))
      }
      guard case .limit(let violation)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(violation.kind == .gateVoltage)
      // Before anything of it was sent.
      #expect(open.lab?.wireTraffic == before)
    }
    _ = try await live.perform(Program([Self.train([("GA1", 1.4), ("RA", -1.4)])]))
    #expect(await live.makeSafe().isSafe)
  }

  /// Also where a gate's level is a source meter's, as every other.
  @Test func levelsThatAreSentAreHeldToo() async throws {
    let rig = try await LiveRig.armed(
      "simulated-one-device", ["limits.gate.voltage=3 V", "terminals.GA1.voltage=3 V"])
    rig.forget()
    func read(_ gate: Double) -> Step {
      .read(
        Reading(
          drives: [.init("GA1", level: gate), .init("DA1", level: -0.15)], measures: ["DA1"],
          integration: 0.02))
    }
    let error = await failure { () throws(BenchError) in
      try await rig.live.perform(Program([read(2.9)]))
    }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.kind == .gateVoltage && abs(violation.value - 3.05) < 1e-9)
    #expect(rig.sent().isEmpty)
    _ = try await rig.live.perform(Program([read(2.8)]))
  }

  /// Charge is bounded by what limits the gates' currents; where nothing does,
  /// the limit is refused instead of being believed.
  @Test func chargeNeedsGatesWhoseCurrentIsLimited() async throws {
    let file = try Shipped.bench("simulated-one-device", ["limits.session.charge=0.5 uC"])
    let bench = LimitedBench(try ModelBench("simulated-one-device"), limits: file.limits)
    // 1 µA for 10 ms is 10 nC a pulse.
    let pulses = { (count: Int) in
      Program([.repeat(count, [Self.train([("GA1", 4)], slots: 1)])])
    }
    _ = try await bench.perform(pulses(49))
    let error = await failure { () throws(BenchError) in try await bench.perform(pulses(2)) }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.kind == .charge)
    #expect(abs(violation.value - 0.51e-6) < 1e-12)
    _ = try await bench.perform(pulses(1))
    #expect(throws: Diagnostics.self) {
      try Shipped.bench("simulated", ["limits.session.charge=1 uC"])
    }
  }

  /// What goes in at the drain and does not come out at the row is a leak; a row
  /// that nobody measures cannot show one.
  @Test func aLeakStopsTheRun() async throws {
    let file = try Shipped.bench("simulated", ["limits.leak=5 nA"])
    let experiment = try Shipped.experiment(
      "crossed-swords", for: file, ["swords.pulses=10", "swords.cycles=1"])
    for (lost, isSound) in [(4.9e-9, true), (5.1e-9, false)] {
      let leaky = LeakyBench(try ModelBench("simulated", ["meters.noise=0 A"]), lost: lost)
      let result = await Runner.run(
        experiment, on: LimitedBench(leaky, limits: file.limits), seed: 1)
      guard !isSound else {
        _ = try result.conclusion.get()
        continue
      }
      guard case .failure(.limit(let violation)) = result.conclusion else {
        Issue.record("\(result.conclusion)")
        return
      }
      #expect(violation.kind == .leak && violation.place == "A1")
      // Before the first pulse.
      #expect(result.pulses == 0)
    }
    #expect(throws: Diagnostics.self) {
      try Shipped.bench("simulated-one-device", ["limits.leak=5 nA"])
    }
  }
}

/// A bench whose rows lose some of what the drains give.
private final class LeakyBench: Bench {
  private let inner: any Bench
  private let lost: Double

  init(_ inner: any Bench, lost: Double) {
    self.inner = inner
    self.lost = lost
  }

  var wiring: Wiring { inner.wiring }

  func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    let prepared = try await inner.prepare(program)
    return PreparedProgram { [self] () async throws(BenchError) in
      var observations = try await prepared.perform()
      // In reads of both ends the row's current comes first.
      if observations.currents.count == 8 {
        for index in stride(from: 0, to: 8, by: 2) { observations.currents[index] -= lost }
      }
      return observations
    }
  }

  func makeSafe() async -> SafeReport { await inner.makeSafe() }
}
