public import SaltireCore
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

  /// Reads the `devices` and `meters` sections of a bench file.
  ///
  /// - Parameters:
  ///   - reader: the `devices` section.
  ///   - meters: the `meters` section.
  ///   - file: returns the text of a file that the section refers to; nil if it cannot be read.
  public init(
    devices reader: Reader, meters: Reader, file: (Located<String>) -> String?
  ) {
    model = DeviceModel.family(reader, file: file)
    model.readVariation(reader)
    if !reader.flag("device_to_device", default: true).value { model = model.withoutSpread() }
    let window = reader.section("window", required: true)
    let low = window.quantity("min", .siemens, in: 0...1)
    let high = window.quantity("max", .siemens, in: 0...1)
    var range = low.value...max(high.value, low.value)
    if low.value >= high.value {
      reader.conclude(Diagnostic("the conductance window has no width", at: high.location))
      range = 0...1
    }
    map = ConductanceMap(window: range, weights: model.weightMin...model.weightMax)
    let pulse = reader.section("pulse", required: true)
    response = GateResponse(
      voltage: pulse.quantity("voltage", .volt, in: 1e-6...1000).value,
      width: pulse.quantity("width", .second, in: 1e-12...1e6).value,
      selectivity: pulse.number("selectivity", default: 10, in: 2...1e6).value,
      disturb: pulse.flag("half_select_disturb", default: false).value)
    seed = reader.has("seed") ? UInt64(reader.count("seed").value) : nil
    readNoise = meters.quantity("noise", .ampere, default: 0, in: 0...1).value
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
