public import SaltireCore
public import SaltireFigures
public import SaltirePrograms

/// Measures the crossed swords of one device after another and determines where they cross.
public struct CrossedSwordsExperiment: Experiment {
  public struct Parameters: ProtocolDecodable {
    let pulses: PulseSettings
    let swords: SwordsSettings
    let sites: [Wiring.Site]

    public static let keys: [any DeclaredKey] =
      PulseSettings.Keys.all + [SwordsSettings.Keys.swords, measure]
    private static let measure = Key.texts(
      "measure", form: "device or list", absent: "all of the bench", "Devices to characterise.")

    public init(_ reader: Reader, wiring: Wiring) {
      pulses = PulseSettings(reader)
      swords = SwordsSettings(reader)
      sites = reader.sites(Self.measure, in: wiring)
    }

    public var demands: [Demand] {
      pulses.demands(on: sites) + [swords.demand(devices: sites.count)]
    }

    public var preflight: [Step] { pulses.preflight(sites) }
  }

  public static let name = "crossed-swords"

  public init() {}

  public func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> CharacterisationOutcome {
    var devices: [String: DeviceOutcome] = [:]
    for site in parameters.sites {
      let swords = try await lab.characterise(site, parameters.swords, parameters.pulses)
      devices[site.device] = DeviceOutcome(swords)
    }
    return CharacterisationOutcome(devices: devices)
  }

  public static func figures(of run: RecordedRun<CharacterisationOutcome>) -> [NamedFigure] {
    SwordsFigures.all(of: run.notebook)
  }
}
