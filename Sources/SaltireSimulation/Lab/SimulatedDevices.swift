public import SaltireCore
public import SaltireDevices

/// The devices of a bench that exists in simulation only: a family, how it is
/// pulsed, and the window its weights stand for.
public struct SimulatedDevices: Sendable {
  public var model: DeviceModel
  public var map: ConductanceMap
  public var response: GateResponse
  /// Seeds the draws and the noise of the devices; nil for the run's seed.
  public var seed: UInt64?
  /// Standard deviation of one measured current, amperes.
  public var readNoise: Double

  /// Reads the `devices` and `meters` sections of a bench file.
  ///
  /// - Parameters:
  ///   - reader: the `devices` section.
  ///   - meters: the `meters` section.
  ///   - file: the text of a file that the section names; nil when it cannot
  ///     be read.
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
      reader.conclude(Diagnostic("the window has no width", at: high.location))
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
  /// One device as it is now.
  public struct Drawn: Sendable {
    public var device: Device
    public var map: ConductanceMap
    /// How many pulses have moved it; 0 where nobody counts.
    public var pulses: Int

    public init(device: Device, map: ConductanceMap, pulses: Int) {
      self.device = device
      self.map = map
      self.pulses = pulses
    }
  }
}
