import SaltireBenches
import SaltireCore
import SaltireDevices
import SaltireExperiments
import SaltirePrograms
import SaltireRecords
import SaltireSimulation

/// The dry run: what a protocol asks for when it runs on nominal devices.
struct Estimate {
  let extent: Extent
  let programs: Int
  private let name: String
  private let limits: [String: String]
  /// What of it a watch over symmetry points takes; nil without one.
  private let watch: WatchOutcome?
  /// How it would end, where not well.
  let failure: Failure?

  ///
  /// - Throws: ``Failure`` where nothing says what the devices are like.
  init(_ inputs: Inputs, seed: UInt64) async throws {
    guard var devices = inputs.bench.devices else {
      throw Failure(
        .badInput, "a dry run needs to know what the devices are like",
        hints: ["describe them in the bench file: devices: { preset: EcRamMO, … }"])
    }
    devices.model = devices.model.withoutSpread()
    let bench = EstimatingBench(
      ModelBench(wiring: inputs.bench.wiring, devices: devices, seed: seed))
    let result = await Runner.run(
      inputs.experiment, on: LimitedBench(bench, limits: inputs.bench.limits), seed: seed)
    extent = bench.extent
    programs = bench.programs
    name = inputs.experiment.name
    limits = inputs.bench.limits.summary
    watch = try? result.conclusion.map { conclusion in
      JSONText.decode(TrainingOutcome.self, from: conclusion.json)?.watch
    }.get()
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
        "  of it watching  \(labTime(watch.duration)), \(watch.pulses) pulses", at: 5)
    }
    if let failure { lines.append("  it would end with: \(failure.message)") }
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
