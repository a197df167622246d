import SaltireCore
import SaltireLearning
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltirePrograms
@testable import SaltireRecords

/// The previous dose of a device counts towards its lifetime limits.
@Suite struct LifetimeTests {
  private static let identity = DeviceIdentity(rawValue: "W12-D3/B4")!

  private static func history(_ pulses: Int, seconds: Double = 0) -> [String: DeviceHistory] {
    var dose = Dose()
    dose.pulses = pulses
    dose.seconds = seconds
    dose.voltSeconds = 4 * seconds
    return ["A1": DeviceHistory(identity: identity, dose: dose)]
  }

  private static func pulses(_ count: Int, on gate: Terminal = "GA1") -> Program {
    Program([.repeat(count, [.pulse(gate, level: 4, width: 0.01)])])
  }

  private static func violation(_ error: BenchError?) -> LimitViolation? {
    if case .limit(let violation)? = error { violation } else { nil }
  }

  /// To the last pulse it runs; one more is refused, whole, before it is performed.
  @Test func theLastPulseIsTheLast() async throws {
    let limits = try Shipped.bench("model", ["limits.lifetime.pulses=100"]).limits
    let probe = ProbeBench(try ModelBench())
    let bench = LimitedBench(probe, limits: limits, histories: Self.history(60))
    _ = try await bench.perform(Self.pulses(30))
    let beyond = Self.pulses(11)
    let error = await failure { () throws(BenchError) in try await bench.perform(beyond) }
    let violation = try #require(Self.violation(error))
    #expect(violation.kind == .lifetimePulses)
    #expect(!violation.kind.isMeasured)
    #expect(violation.location == limits.lifetime.pulses?.location)
    #expect(
      violation.message
        == "A1 (die W12-D3, position B4) would reach 101 pulses in its lifetime; 100 are"
        + " allowed and 10 remain")
    #expect(probe.programs.count == 1)
    // A refused program does not count.
    _ = try await bench.perform(Self.pulses(10))
    #expect(probe.programs.count == 2)
    // Reads and other devices are still allowed.
    _ = try await bench.perform(Program([.look()]))
    _ = try await bench.perform(Self.pulses(100, on: "GA2"))
    #expect(
      await failure { () throws(BenchError) in try await bench.perform(Self.pulses(1)) } != nil)
  }

  @Test(arguments: [
    ("time=1 s", Limit.Kind.lifetimeTime),
    ("volt_seconds=4 V·s", .lifetimeVoltSeconds),
  ])
  func timeAndVoltSecondsAreLimitedToo(setting: String, kind: Limit.Kind) async throws {
    let limits = try Shipped.bench("model", ["limits.devices.A1.lifetime.\(setting)"]).limits
    let probe = ProbeBench(try ModelBench())
    let bench = LimitedBench(probe, limits: limits, histories: Self.history(1, seconds: 0.5))
    // 10 ms at 4 V each; of A2 none is limited.
    _ = try await bench.perform(Self.pulses(49))
    _ = try await bench.perform(Self.pulses(1000, on: "GA2"))
    let error = await failure { () throws(BenchError) in try await bench.perform(Self.pulses(2)) }
    #expect(Self.violation(error)?.kind == kind)
    #expect(probe.programs.count == 2)
  }

  /// A half-selected device is under voltage too, and has had no whole pulse.
  @Test func halfBiasCountsForTimeAlone() async throws {
    let row = Program([
      .train(
        PulseTrain(
          slots: 20, width: 0.01, gap: 0,
          lines: [.init("GA2", level: 2, fires: nil), .init("RA", level: -2, fires: nil)]))
    ])
    let pulses = try Shipped.bench("model", ["limits.devices.A1.lifetime.pulses=1"]).limits
    _ = try await LimitedBench(try ModelBench(), limits: pulses).perform(row)
    let time = try Shipped.bench("model", ["limits.devices.A1.lifetime.time=190 ms"]).limits
    let error = await failure { () throws(BenchError) in
      try await LimitedBench(try! ModelBench(), limits: time).perform(row)
    }
    #expect(Self.violation(error)?.kind == .lifetimeTime)
  }

  /// The bound that a session is entered with is more than any of its programs can
  /// do, whatever they are.
  @Test func theBoundHoldsForEveryProgramWithinTheLimits() async throws {
    let file = try Shipped.bench(
      "simulated", ["limits.session.pulses=5000", "limits.gate.width=90 ms"])
    var programs = RandomPrograms(seed: 8)
    programs.terminals = file.wiring.terminals
    let bench = LimitedBench(HungryBench(wiring: file.wiring), limits: file.limits)
    var doses: [String: Dose] = [:]
    var performed = 0
    for _ in 0..<3000 {
      let program = programs.program()
      let error = await failure { () throws(BenchError) in try await bench.perform(program) }
      if error != nil { continue }
      performed += 1
      for (name, dose) in program.doses(on: file.wiring) { doses[name, default: Dose()].add(dose) }
    }
    #expect(performed > 100)
    #expect(doses.count == 4)
    for (name, dose) in doses {
      let bound = file.limits.bound(of: name)
      #expect(dose.pulses > 0 && dose.pulses <= bound.pulses)
      #expect(dose.halfSelected <= bound.halfSelected)
      #expect(dose.seconds <= bound.seconds)
      #expect(dose.voltSeconds <= bound.voltSeconds)
      #expect(dose.peak <= bound.peak)
    }
  }
}

/// A bench that accepts everything.
private struct HungryBench: Bench {
  let wiring: Wiring

  func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    PreparedProgram {
      Observations(
        start: 0, duration: 0, currents: [Double](repeating: 1e-9, count: program.readings))
    }
  }

  func makeSafe() async -> SafeReport { SafeReport(terminals: []) }
}
