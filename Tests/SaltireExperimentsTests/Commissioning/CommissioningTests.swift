import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireRecords
import TestRigs
import Testing

/// Commissioning of simulated benches: with nothing wrong nothing is found, and every fault of the
/// simulated wiring is found by its name.
@Suite struct CommissioningTests {
  /// A shipped bench with resistors that tell its devices apart.
  struct Bench: Sendable, CustomTestStringConvertible {
    var name: String
    var resistors: String
    /// Terminals of the faults.
    var gate: String
    var drain: String
    /// What the drain is exchanged with, and what it touches.
    var other: String
    /// Whether generators drive the gates.
    var hasGenerators = false

    var testDescription: String { name }
  }

  static let benches = [
    Bench(
      name: "simulated", resistors: "[330 kOhm, 470 kOhm, 680 kOhm, 1 MOhm]", gate: "GA1",
      drain: "DA1", other: "DA2", hasGenerators: true),
    Bench(
      name: "simulated-triggered", resistors: "[330 kOhm, 470 kOhm, 680 kOhm, 1 MOhm]",
      gate: "GC2", drain: "DC2", other: "DA1", hasGenerators: true),
    Bench(
      name: "simulated-one-device", resistors: "330 kOhm", gate: "GA1", drain: "DA1", other: "GA1"),
    Bench(name: "simulated-2400", resistors: "330 kOhm", gate: "GA1", drain: "DA1", other: "GA1"),
    Bench(name: "simulated-b2902a", resistors: "330 kOhm", gate: "GA1", drain: "DA1", other: "GA1"),
    Bench(name: "simulated-2450", resistors: "330 kOhm", gate: "GA1", drain: "DA1", other: "GA1"),
  ]

  private func outcome(
    _ bench: Bench, faults: String = "", _ settings: [String] = []
  ) async throws -> CommissioningOutcome {
    var all = ["lab.resistors=\(bench.resistors)", "resistors=\(bench.resistors)"] + settings
    if !faults.isEmpty { all.append("lab.faults=\(faults)") }
    return try await LabRun("commissioning", on: bench.name, seed: 1, all).outcome()
  }

  @Test(arguments: benches)
  func nothingIsFoundWhereNothingIsWrong(bench: Bench) async throws {
    let outcome = try await outcome(bench)
    #expect(outcome.faults.map(\.text) == [])
    #expect(outcome.unseen == [])
    #expect(outcome.step.map { $0 > 0 } == true)
  }

  @Test(arguments: benches, ["swapped", "open", "short", "reversed", "leaky", "noisy", "slow"])
  func everyFaultIsFound(bench: Bench, kind: String) async throws {
    let (terminals, claim) =
      switch kind {
      case "swapped": ("\(bench.drain) \(bench.other)", "are swapped")
      case "open": (bench.drain, "is open")
      case "short": ("\(bench.drain) \(bench.other)", "look for a short")
      case "reversed": (bench.gate, "has the wrong polarity")
      case "leaky": (bench.gate, "leak from")
      case "noisy": (bench.drain, "is noisy")
      default: (bench.drain, "settles in")
      }
    let found = try await outcome(bench, faults: "\(kind) \(terminals)").faults.map(\.text)
    #expect(found.contains { $0.contains(claim) }, "\(found)")
    // Noise and a slow line make the matrix uncertain too.
    if kind != "noisy", kind != "slow" { #expect(found.count == 1, "\(found)") }
  }

  @Test(arguments: [
    ("swapped DA1 DA2", "DA1 (smu1.smub) and DA2 (smu2.smua) are swapped:"),
    ("swapped GA1 GA2", "GA1 (gen1.1) and GA2 (gen1.2) are swapped:"),
    ("swapped GA1 GC2", "GA1 (gen1.1) and GC2 (gen2.2) are swapped:"),
    ("swapped RA RC", "RA (smu1.smua) and RC (smu2.smub) are swapped:"),
    ("open RA", "RA (smu1.smua) is open:"), ("reversed RC", "RC (smu2.smub) has the wrong"),
    ("slow DC2", "C2, read at RC (smu2.smub), settles in"),
    ("noisy RA", "RA (smu1.smua) is noisy:"),
  ])
  func faultsAreNamedWithTheirChannels(fault: String, claim: String) async throws {
    let found = try await outcome(Self.benches[0], faults: fault).faults.map(\.text)
    #expect(found.first?.hasPrefix(claim) == true, "\(found)")
    #expect(found.count == 1, "\(found)")
  }

  @Test(arguments: benches.filter(\.hasGenerators))
  func anAmplitudeIsFound(bench: Bench) async throws {
    let found = try await outcome(bench, faults: "loaded \(bench.gate)").faults
    guard found.count == 1, case .wiring(let causes, _) = found[0], causes.count == 1,
      case .amplitude(let lead, let factor) = causes[0]
    else {
      Issue.record("\(found)")
      return
    }
    #expect(lead.terminal == bench.gate)
    #expect(abs(factor - 0.5) < 0.05)
  }

  /// With the devices in place, a drain on another array shows; with nothing, leaks.
  @Test func devicesAndNothingShowWhatTheyCan() async throws {
    func found(_ settings: [String]) async throws -> CommissioningOutcome {
      try await LabRun("commissioning", on: "simulated", seed: 1, settings).outcome()
    }
    let devices = ["connected=devices", "resistors=[]"]
    let whole = try await found(devices)
    #expect(whole.faults == [])
    #expect(whole.unseen.contains { $0.contains("DA1 (smu1.smub) and DA2 (smu2.smua)") })
    // The limits of what devices conduct hold for devices.
    let open = try await found(devices + ["lab.faults=open DA1"])
    #expect(open.faults.count == 1)
    #expect(open.faults.first?.text.hasPrefix("A1, read at DA1 (smu1.smub), conducts") == true)
    let nothing = ["connected=nothing", "resistors=[]", "lab.resistors=1 TOhm"]
    #expect(try await found(nothing).faults == [])
    let leaky = try await found(nothing + ["lab.faults=leaky GC1"])
    #expect(leaky.faults.first?.text.contains("GC1 (gen2.1)") == true)
    #expect(leaky.faults.first?.text.contains("leak from") == true)
  }

  @Test(arguments: [
    ("lab.faults=broken DA1", "is not a fault"), ("lab.faults=short DA1", "is not a fault"),
    ("lab.faults=open X", "no terminal 'X'"), ("lab.resistors=[1 Ohm, 2 Ohm]", "one resistance"),
    ("lab.resistors=0 Ohm", "one resistance"),
  ])
  func aWrongLabIsRefused(setting: String, message: String) {
    let faults = #expect(throws: Diagnostics.self) {
      _ = try Shipped.bench("simulated", [setting])
    }
    #expect(faults?.items.first?.message.contains(message) == true)
  }

  @Test(arguments: [
    ("resistors=[1 kOhm, 2 kOhm]", "one resistance"), ("connected=nothing", "are stated"),
    ("level=300 mV", "exceeds the bench's limit"),
  ])
  func wrongSettingsAreRefused(setting: String, message: String) throws {
    let bench = try Shipped.bench("simulated")
    let faults = #expect(throws: Diagnostics.self) {
      _ = try Shipped.experiment("commissioning", for: bench, [setting])
    }
    #expect(faults?.items.first?.message.contains(message) == true)
  }

  /// Without limits of what they conduct, devices that do not conduct and exchanged arrays show.
  @Test(arguments: [
    ("open DA1", "A1 does not conduct"), ("swapped DA1 DC1", "DA1 (smu1.smub)"),
    ("leaky GC2", "leak from"),
  ])
  func devicesWithoutLimitsShowMore(fault: String, claim: String) async throws {
    let shipped = try Shipped.bench("simulated").document
    let file = try BenchFile(
      Document(
        name: shipped.name,
        text: shipped.text.replacing("  conductance: { min: 0.2 uS, max: 8 uS }", with: "")),
      overrides: Overrides(settings: ["lab.faults=\(fault)"]))
    let run = try await LabRun(
      "commissioning", on: file, seed: 1, ["connected=devices", "resistors=[]"])
    let found = try run.outcome(as: CommissioningOutcome.self).faults.map(\.text)
    #expect(found.contains { $0.contains(claim) }, "\(found)")
  }
}
