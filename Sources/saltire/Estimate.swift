import SaltireBenches
import SaltireCore
import SaltireDevices
import SaltireExperiments
import SaltirePrograms
import SaltireRecords
import SaltireFigures
import SaltireSimulation

/// The dry run: the time and dose of a protocol on nominal devices.
struct Estimate {
  let extent: Extent
  let programs: Int
  private let name: String
  private let limits: [String: String]
  /// The share of the symmetry-point watch; nil without a watch.
  private let watch: WatchOutcome?
  /// Why the run would fail; nil if it would not.
  let failure: Failure?

  ///
  /// - Throws: ``Failure`` if the devices have no model.
  init(_ inputs: Inputs, seed: UInt64) async throws {
    guard var devices = inputs.bench.devices else {
      throw Failure(
        .badInput, "a dry run needs a device model",
        hints: ["describe the devices in the bench file: devices: { preset: EcRamMO, … }"])
    }
    devices.model = devices.model.withoutSpread()
    let bench = EstimatingBench(
      ModelBench(wiring: inputs.bench.wiring, devices: devices, seed: seed))
    let result = await Runner.run(
      inputs.experiment, on: LimitedBench(bench, limits: inputs.limits), seed: seed)
    extent = bench.extent
    programs = bench.programs
    name = inputs.experiment.name
    limits = inputs.limits.summary
    watch = (try? result.conclusion.get().outcome as? TrainingOutcome)?.watch
    switch result.conclusion {
    case .success(let conclusion): failure = conclusion.verdict.map { Failure(.verdict, $0) }
    case .failure(let error): failure = Failure(error)
    }
  }

  var text: String {
    var lines = [
      "\(name), on nominal devices (nothing was sent or recorded):",
      "  lab time        \(labTime(extent.duration))",
      "  programs        \(programs)",
      "  pulses          \(extent.pulses)  (limit \(limits["session.pulses"] ?? "none"))",
      "  reads           \(extent.readings)",
      "  largest pulse   \(Quantity(extent.peakPulse, .volt)) on one line"
        + "  (limit \(limits["gate.voltage"] ?? "none"), gate minus row)",
      "  largest drive   \(Quantity(extent.peakDrive, .volt))"
        + "  (limit \(limits["drain.voltage"] ?? "none"))",
    ]
    if let watch {
      lines.insert(
        "  of this, watch  \(labTime(watch.duration)), \(watch.pulses) pulses", at: 5)
    }
    if let failure { lines.append("  the run would fail: \(failure.message)") }
    return lines.joined(separator: "\n")
  }

  var document: JSONValue {
    var document = JSONValue.object([
      "experiment": .string(name), "duration_s": .number(extent.duration),
      "programs": .integer(programs), "pulses": .integer(extent.pulses),
      "reads": .integer(extent.readings), "peak_pulse_v": .number(extent.peakPulse),
      "peak_drive_v": .number(extent.peakDrive), "dry_run": .bool(true),
    ])
    if let watch {
      document["watch"] = .object([
        "duration_s": .number(watch.duration), "pulses": .integer(watch.pulses),
      ])
    }
    if let failure { document["error"] = failure.document }
    return document
  }
}
