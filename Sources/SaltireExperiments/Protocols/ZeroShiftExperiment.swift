public import SaltireCore
public import SaltirePrograms

/// Finds symmetry points: crossed swords tell a device's rate and noise, then
/// alternating pairs shift it to the point where they cancel.
public struct ZeroShiftExperiment: Experiment {
  public struct Parameters: ProtocolDecodable {
    let pulses: PulseSettings
    let swords: SwordsSettings
    let zeroShift: ZeroShiftSettings
    let sites: [Wiring.Site]

    public init(_ reader: Reader, wiring: Wiring) {
      pulses = PulseSettings(reader)
      swords = SwordsSettings(reader)
      zeroShift = ZeroShiftSettings(reader)
      sites = reader.sites("measure", in: wiring)
    }

    public var demands: [Demand] {
      pulses.demands(on: sites) + [swords.demand(devices: sites.count)]
    }

    public var preflight: [Step] { pulses.preflight(sites) }
  }

  public static let name = "zero-shift"

  public init() {}

  public func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> CharacterisationOutcome {
    var devices: [String: DeviceOutcome] = [:]
    for site in parameters.sites {
      let swords = try await lab.characterise(site, parameters.swords, parameters.pulses)
      var outcome = DeviceOutcome(swords)
      if case .success(let found) = swords {
        outcome.add(
          try await lab.zeroShift(site, after: found, parameters.zeroShift, parameters.pulses))
      }
      devices[site.device] = outcome
    }
    return CharacterisationOutcome(devices: devices)
  }
}
