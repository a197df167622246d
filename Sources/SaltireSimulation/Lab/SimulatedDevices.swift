package import SaltireCore
public import SaltireDevices

/// The devices of a simulated bench: a family, the nominal pulse, and the conductance window of the
/// weights.
public struct SimulatedDevices: Sendable {
  public var model: DeviceModel
  public var map: ConductanceMap
  public var response: GateResponse
  /// Seed of the draws and the noise of the devices; nil to use the run's seed.
  public var seed: UInt64?
  /// Standard deviation of a current measurement, in amperes.
  public var readNoise: Double
  /// What is in their place, and what is wrong with the wiring.
  public var wiring = SimulatedWiring()

  /// The keys of the two sections.
  package enum Keys {
    package static let devices = SectionKey(
      "devices", absent: "required in simulation",
      "What simulated devices are like; with real instruments, what a dry run takes them for.",
      deviceKeys)
    package static let meters = SectionKey(
      "meters", absent: "none", "How noisy simulated meters are.", [noise])

    package static let deviceKeys: [any DeclaredKey] =
      DeviceModel.keys + [deviceToDevice, window, pulse, seed]
    static let deviceToDevice = Key.flag(
      "device_to_device", default: true, "Off: all devices are copies of the mean device.")
    static let window = SectionKey("window", "The conductance window.", [low, high])
    static let low = Key.quantity("min", .siemens, in: 0...1, "Its lower end.")
    static let high = Key.quantity("max", .siemens, in: 0...1, "Its upper end.")
    static let pulse = SectionKey(
      "pulse", "The pulse that makes one nominal step.", [voltage, width, selectivity, disturb])
    static let voltage = Key.quantity("voltage", .volt, in: 1e-6...1000, "Its magnitude.")
    static let width = Key.quantity("width", .second, in: 1e-12...1e6, "Its width.")
    static let selectivity = Key.number(
      "selectivity", in: 2...1e6, default: 10,
      "Step at the full voltage over step at half of it.")
    static let disturb = Key.flag(
      "half_select_disturb", default: false,
      "Whether pulses of half the voltage and less move a device.")
    static let seed = Key.count(
      "seed", absent: "the run's seed", "Seed of the devices' draws and noise.")
    static let noise = Key.quantity(
      "noise", .ampere, in: 0...1, default: 0, "Standard deviation of one simulated current.")
  }

  /// Reads the `devices` and `meters` sections of a bench file.
  ///
  /// - Parameters:
  ///   - reader: the `devices` section.
  ///   - meters: the `meters` section.
  ///   - lab: the `lab` section, with the bench's devices and terminals; nil without one.
  ///   - curves: the files of measured curves that the section refers to.
  package init(
    devices reader: Reader, meters: Reader,
    lab: (section: Reader, devices: Int, terminals: [String])? = nil, curves: some CurveShelf
  ) {
    model = DeviceModel.family(reader, curves: curves)
    model.readVariation(reader)
    if !reader[Keys.deviceToDevice].value { model = model.withoutSpread() }
    let window = reader.section(Keys.window)
    let low = window[Keys.low]
    let high = window[Keys.high]
    var range = low.value...max(high.value, low.value)
    if low.value >= high.value {
      reader.conclude(Diagnostic("the conductance window has no width", at: high.location))
      range = 0...1
    }
    map = ConductanceMap(window: range, weights: model.weightMin...model.weightMax)
    let pulse = reader.section(Keys.pulse)
    response = GateResponse(
      voltage: pulse[Keys.voltage].value, width: pulse[Keys.width].value,
      selectivity: pulse[Keys.selectivity].value, disturb: pulse[Keys.disturb].value)
    seed = reader.optional(Keys.seed).map { UInt64($0.value) }
    readNoise = meters[Keys.noise].value
    if let lab {
      wiring = SimulatedWiring(lab.section, devices: lab.devices, terminals: lab.terminals)
    }
  }
}

extension SimulatedDevices {
  /// One device in its present state.
  public struct Drawn: Sendable {
    public var device: Device
    public var map: ConductanceMap
    /// The number of pulses that changed it; 0 if not counted.
    public var pulses: Int

    public init(device: Device, map: ConductanceMap, pulses: Int) {
      self.device = device
      self.map = map
      self.pulses = pulses
    }
  }
}
