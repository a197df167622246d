import Foundation
import SaltireCore
import SaltireDevices
import SaltireSimulation
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltireExperiments
@testable import SaltirePrograms
@testable import SaltireRecords
@testable import SaltireRig
@testable import SaltireTraining

/// Every law of devices, and what time does to them, can be said in a bench file and in a
/// training's protocol, in the same words.
@Suite struct DeviceKeysTests {
  private static func model(_ law: DeviceModel.Law, range: Double = 1) -> DeviceModel {
    DeviceModel(law: law, step: 2 * range / 500, weightMin: -range, weightMax: range)
  }

  private static let cases: [(keys: String, model: DeviceModel)] = [
    ("family: soft-bounds, states: 500, range: 2", model(.softBounds, range: 2)),
    (
      "family: soft-bounds, states: 500, slope_spread: 0.1, reference: { mean: 0.2, spread: 0.05 }",
      model(
        .softBoundsReference(
          slopeUpSpread: 0.1, slopeDownSpread: 0.1, referenceMean: 0.2, referenceSpread: 0.05))
    ),
    (
      "family: power, states: 500, exponent: 1.5, exponent_spread: 0.1, exponent_up_down: 0.2,"
        + " exponent_up_down_spread: 0.03",
      model(
        .powStep(gamma: 1.5, gammaSpread: 0.1, gammaUpDown: 0.2, gammaUpDownSpread: 0.03))
    ),
    (
      "family: power, states: 500, exponent: 2, reference: { symmetry_point: on }",
      model(.powStepReference(gamma: 2, subtractSymmetryPoint: true))
    ),
    (
      "family: linear, states: 500, asymmetry: 0.5",
      model(.linearStep(gammaUp: 0.5, gammaDown: 0.5))
    ),
    (
      "family: piecewise, states: 500, up: [1, 2], down: [2, 1]",
      model(.piecewiseStep(up: [1, 2], down: [2, 1]))
    ),
    (
      "family: linear, states: 500, asymmetry: 0, step_spread: 0.1, up_down: 0.2,"
        + " step_spread_log_normal: on, retention: 2 h, retention_spread: 0.3, rest_weight: -0.1, rest_weight_spread: 0.02,"
        + " diffusion: 0.001, diffusion_spread: 0.2,"
        + " drift: { exponent: 0.05, exponent_spread: 0.1, onset: 10 s, offset: 0.5 }",
      {
        var model = Self.model(.constantStep)
        (model.stepSpread, model.upDown, model.stepSpreadLogNormal) = (0.1, 0.2, true)
        (model.lifetime, model.lifetimeSpread) = (7200, 0.3)
        (model.resetBias, model.resetBiasSpread) = (-0.1, 0.02)
        (model.diffusion, model.diffusionSpread) = (0.001, 0.2)
        model.drift = .init(nu: 0.05, nuSpread: 0.1, t0: 10, offset: 0.5)
        return model
      }()
    ),
  ]

  private static func bench(_ keys: String) throws -> BenchFile {
    let url = Shipped.root.appendingPathComponent("instruments/benches/model.yaml")
    let text = try String(contentsOf: url, encoding: .utf8)
    let begin = try #require(text.range(of: "\ndevices:")).lowerBound
    let end = try #require(text[begin...].firstRange(of: /\n(?=meters)/)).lowerBound
    let devices =
      "\ndevices: { \(keys), window: { min: 1 uS, max: 5 uS },"
      + " pulse: { voltage: 4 V, width: 10 ms } }"
    return try BenchFile(Document(name: "b.yaml", text: text[..<begin] + devices + text[end...]))
  }

  private static func training(_ keys: String) throws -> DeviceModel? {
    let folder = try TemporaryFolder()
    _ = try folder.write(NetworkRunTests.text, "text.txt")
    let yaml = NetworkRunTests.yaml.replacing(/device: .*\n/, with: "device: { \(keys) }\n")
    return try NetworkProtocol(Document(name: folder.path("p.yaml"), text: yaml), only: nil)
      .variants.first?.settings.device
  }

  @Test(arguments: cases.indices)
  func aFileSaysWhatDevicesAre(index: Int) async throws {
    let (keys, model) = Self.cases[index]
    let file = try Self.bench(keys)
    #expect(file.devices?.model == model)
    #expect(try Self.training(keys) == model)
    // It can be pulsed, and rests.
    let bench = ModelBench(wiring: file.wiring, devices: try #require(file.devices), seed: 1)
    let before = try #require(bench.devices["A1"]?.device.weight)
    _ = try await bench.perform(
      Program([.repeat(20, [.pulse("GA1", level: 4, width: 0.01)]), .rest(100)]))
    let after = try #require(bench.devices["A1"]?.device.weight)
    #expect(after != before && after.isFinite)
  }

  @Test(arguments: [
    ("family: power, states: 500", "'exponent' is missing"),
    ("family: power, states: 500, exponent: -1", "exponent is outside 0 … 100"),
    ("family: powr, states: 500, exponent: 1", "did you mean 'power'?"),
    ("family: soft-bounds, states: 500, exponent: 1", "unknown key 'exponent'"),
    ("family: soft-bounds, states: 500, reference: { maen: 1 }", "did you mean 'mean'?"),
    ("preset: EcRamMO, drift: { exponent: 0.1, onset: 10 }", "'10' has no unit"),
    ("preset: EcRamMO, diffusion: -1", "diffusion is outside 0 … 1000"),
    ("preset: EcRamMO, rest_weight: 0.1", "rest_weight: devices without a 'retention'"),
    (
      "preset: EcRamMO, family: power, states: 500, exponent: 1",
      "family and preset exclude each other"
    ),
  ])
  func whatIsWrongIsSaid(keys: String, message: String) throws {
    for read in [{ _ = try Self.bench(keys) }, { _ = try Self.training(keys) }] {
      let error = #expect(throws: Diagnostics.self) { try read() }
      #expect(error?.rendered.contains(message) == true, "\(error?.rendered ?? "")")
    }
  }
}
