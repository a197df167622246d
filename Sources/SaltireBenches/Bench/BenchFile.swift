public import SaltireCore
public import SaltirePrograms
public import SaltireRecords
public import SaltireRig
public import SaltireSimulation

/// The contents of a bench file.
public struct BenchFile: Sendable {
  /// What performs the programs.
  public enum Kind: String, Sendable, CaseIterable {
    /// Device models, without instruments.
    case model
    /// Instruments, real or simulated.
    case instruments
  }

  public let document: Document
  public let kind: Kind
  public let wiring: Wiring
  public let limits: Limits
  /// The identities of the connected devices according to the file, by name. The operator confirms
  /// them, because devices are moved and files become outdated.
  public let identities: [String: Located<DeviceIdentity>]
  /// The models of the devices, if they are simulated. For real devices, the models that a dry run
  /// uses; nil if there are none.
  public let devices: SimulatedDevices?
  /// The instruments; nil on a bench of models.
  public let station: Station?
  /// The guardian settings for the outputs.
  public let guardian: GuardianSettings
  /// The operator's notes on the conditions, for the record.
  public let conditions: [String: String]
  /// Whether its outputs outlive this process.
  public var isOutside: Bool { station.map { !$0.isSimulated } ?? false }
  /// The files that it refers to, as read.
  public let attachments: [Manifest.Source]
  /// Faults in instrument definitions next to it that it does not name.
  public let warnings: [Diagnostic]
  /// What was understood of the measured curve of its devices; nil if there is none, or if it
  /// comes from a session.
  public let curve: String?

  /// The keys of a bench file; `--set` sends settings of these to the bench and all others
  /// to the protocol.
  public static let keys: [any DeclaredKey] =
    [Keys.bench, Wiring.Keys.arrays, Limits.Keys.limits] + Station.keys + [
      SimulatedDevices.Keys.devices, SimulatedDevices.Keys.meters, SimulatedWiring.Keys.lab,
      GuardianSettings.Keys.guardian, Keys.conditions,
    ]

  private enum Keys {
    static let bench = Key<Kind>.choice(
      "bench", "What performs programs: device models alone, or instruments, real or simulated.")
    static let conditions = SectionKey(
      "conditions", absent: "none", "What the operator notes for the record.", [condition])
    static let condition = Key.text("NAME", absent: "", "A note.")
  }

  /// Reads a bench file.
  ///
  /// - Parameters:
  ///   - document: the file.
  ///   - overrides: overrides of its values.
  ///   - recorded: the files that it refers to, from a session; nil to read them from disk.
  /// - Throws: `Diagnostics` with every fault.
  public init(
    _ document: Document, overrides: Overrides = Overrides(),
    attachments recorded: [Manifest.Source]? = nil
  ) throws(Diagnostics) {
    self.document = document
    let reader = Reader(document, overrides: overrides)
    kind = reader[Keys.bench].value
    var identities: [String: Located<DeviceIdentity>] = [:]
    var wiring = Wiring(reader.section(Wiring.Keys.arrays), identities: &identities)
    self.identities = identities
    var limits = Limits(reader.section(Limits.Keys.limits), wiring: wiring)
    let files = Attachments(for: document.name, recorded: recorded)
    station =
      kind == .instruments
      ? Station(reader, wiring: wiring, limits: limits, shelf: files) : nil
    limits.observe(station?.ratings, wiring: wiring, reader)
    self.limits = limits
    wiring.ratings = station?.ratings ?? [:]
    self.wiring = wiring
    let areSimulated = station?.isSimulated ?? true
    devices =
      areSimulated || reader.has(SimulatedDevices.Keys.devices)
      ? SimulatedDevices(
        devices: reader.section(SimulatedDevices.Keys.devices, required: true),
        meters: reader.section(SimulatedDevices.Keys.meters),
        lab: station == nil
          ? nil
          : (
            reader.section(SimulatedWiring.Keys.lab), wiring.sites.count,
            wiring.terminals.map(\.name)
          ), curves: files) : nil
    for fault in files.faults { reader.report(fault) }
    attachments = recorded ?? files.sources
    warnings = files.warnings
    curve = files.curve
    guardian = GuardianSettings(reader.section(GuardianSettings.Keys.guardian))
    let notes = reader.section(Keys.conditions)
    conditions = Dictionary(
      uniqueKeysWithValues: notes.keys.map { ($0, notes[Keys.condition.named($0)].value) })
    try reader.finish()
  }
}
