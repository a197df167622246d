public import SaltireCore
public import SaltireFigures
public import SaltirePrograms

/// Finds symmetry points: crossed swords give the step sizes and noise of a device, then
/// alternating pulse pairs shift it to the conductance at which up and down steps cancel.
public struct ZeroShiftExperiment: Experiment {
  public struct Parameters: ProtocolDecodable {
    let before: CrossedSwordsExperiment.Parameters
    let zeroShift: ZeroShiftSettings

    public static let keys =
      CrossedSwordsExperiment.Parameters.keys + [ZeroShiftSettings.Keys.zeroShift]

    public init(_ reader: Reader, wiring: Wiring) {
      before = CrossedSwordsExperiment.Parameters(reader, wiring: wiring)
      zeroShift = ZeroShiftSettings(reader)
    }

    public var demands: [Demand] { before.demands }

    public var preflight: [Step] { before.preflight }
  }

  public static let name = "zero-shift"

  public init() {}

  public func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> CharacterisationOutcome {
    let before = parameters.before
    var devices: [String: DeviceOutcome] = [:]
    for site in before.sites {
      let swords = try await lab.characterise(site, before.swords, before.pulses)
      var outcome = DeviceOutcome(swords)
      if case .success(let found) = swords {
        outcome.add(
          try await lab.zeroShift(site, after: found, parameters.zeroShift, before.pulses))
      }
      devices[site.device] = outcome
    }
    return CharacterisationOutcome(devices: devices)
  }

  public static func figures(of run: RecordedRun<CharacterisationOutcome>) -> [NamedFigure] {
    SwordsFigures.all(of: run.notebook) + ZeroShiftFigure.all(of: run.notebook)
  }
}
