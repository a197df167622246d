import Foundation
import SaltireCore
import SaltireDevices
public import SaltireInstruments
public import SaltireLinks

/// The parts of a simulated lab: instruments, devices and wiring.
public struct LabPlan: Sendable {
  /// An instrument and the nodes of its wired channels.
  public struct Instrument: Sendable {
    public var name: String
    public var definition: Definition
    public var model: Definition.Model
    public var nodes: [String: String]
    /// What is wrong with its channels, by their names.
    public var flaws: [String: ChannelFlaw] = [:]

    public init(
      name: String, definition: Definition, model: Definition.Model, nodes: [String: String]
    ) {
      self.name = name
      self.definition = definition
      self.model = model
      self.nodes = nodes
    }
  }

  /// A device and the nodes of its terminals; nil as row is ground.
  public struct Site: Sendable {
    public var device: String
    public var gate: String
    public var drain: String
    public var row: String?

    public init(device: String, gate: String, drain: String, row: String?) {
      self.device = device
      self.gate = gate
      self.drain = drain
      self.row = row
    }
  }

  /// A resistor from a node to another; nil is ground.
  public struct Resistor: Sendable {
    public var node: String
    public var to: String?
    public var ohms: Double

    public init(node: String, to: String? = nil, ohms: Double) {
      self.node = node
      self.to = to
      self.ohms = ohms
    }
  }

  /// A trigger line from an instrument to the trigger inputs of others.
  public struct Line: Sendable {
    public var instrument: String
    public var number: Int
    public var targets: [String]

    public init(instrument: String, number: Int, targets: [String]) {
      self.instrument = instrument
      self.number = number
      self.targets = targets
    }
  }

  public var instruments: [Instrument]
  public var lines: [Line] = []
  public var sites: [Site] = []
  public var resistors: [Resistor] = []
  /// The models of the devices; nil without devices.
  public var devices: SimulatedDevices?
  /// Mains frequency in hertz, for integration times in power-line cycles.
  public var lineFrequency = 50.0

  public init(instruments: [Instrument]) { self.instruments = instruments }
}

/// A lab in software: simulated instruments, wired to device models, with their own clock.
///
/// Lab time advances only while instruments measure or wait, and by explicit waits. An hour of
/// pulses thus takes milliseconds, and the same messages give the same readings.
///
/// One lock protects the whole lab, because its instruments share devices and time.
public final class SimulatedLab: LabClock, @unchecked Sendable {
  private let lock = NSLock()
  private let circuit = Circuit()
  private let instruments: [String: any SimulatedInstrument]
  private var faults: [String: FaultQueue] = [:]
  private var traffic: [String: LabTraffic] = [:]
  /// The clients of ``receive(_:at:)``.
  private let clients: [String: InstrumentClient]

  /// Draws the devices and switches the instruments on.
  ///
  /// - Parameters:
  ///   - plan: the parts of the lab.
  ///   - seed: the seed of devices and meters, unless the devices have their own.
  ///   - faults: faults to inject.
  public init(_ plan: LabPlan, seed: UInt64, faults: [LabFault] = []) {
    let seed = plan.devices?.seed ?? seed
    if let devices = plan.devices {
      for site in plan.sites {
        var random = RandomStream(seed: seed, name: "draw \(site.device)")
        circuit.add(
          Circuit.Cell(
            name: site.device, gate: circuit.node(site.gate), drain: circuit.node(site.drain),
            row: site.row.map(circuit.node), device: devices.model.draw(&random), map: devices.map,
            response: devices.response,
            random: RandomStream(seed: seed, name: "pulses \(site.device)")))
      }
    }
    for resistor in plan.resistors {
      circuit.add(ohms: resistor.ohms, from: resistor.node, to: resistor.to)
    }
    var instruments: [String: any SimulatedInstrument] = [:]
    for (index, instrument) in plan.instruments.enumerated() {
      let made = Self.make(
        instrument, number: index, on: circuit, noise: plan.devices?.readNoise ?? 0, seed: seed,
        lineFrequency: plan.lineFrequency)
      made.findMains(plan.lineFrequency)
      instruments[instrument.name] = made
    }
    for line in plan.lines {
      circuit.wire(
        line.instrument, line.number, to: line.targets.flatMap { instruments[$0]?.channels ?? [] })
    }
    self.instruments = instruments
    clients = instruments.mapValues { _ in InstrumentClient() }
    self.faults = Dictionary(grouping: faults, by: \.instrument).mapValues(FaultQueue.init)
  }

  private static func make(
    _ plan: LabPlan.Instrument, number: Int, on circuit: Circuit, noise: Double, seed: UInt64,
    lineFrequency: Double
  ) -> any SimulatedInstrument {
    let channels = plan.model.channels.map { name -> any ChannelModel in
      let channel: any ChannelModel
      switch plan.definition.role {
      case .sourceMeter:
        channel = SourceMeterChannel(
          model: plan.model, circuit: circuit, noise: noise,
          random: RandomStream(seed: seed, name: "noise \(plan.name).\(name)"),
          lineFrequency: lineFrequency, flaw: plan.flaws[name] ?? ChannelFlaw()
        ) { [unowned circuit] line in circuit.fire(plan.name, line) }
      case .pulseSource:
        channel = GeneratorChannel(
          model: plan.model, circuit: circuit, flaw: plan.flaws[name] ?? ChannelFlaw())
      case .switch: channel = SwitchChannel()
      }
      if let node = plan.nodes[name] { circuit.add(channel, at: node) }
      return channel
    }
    let serial = "SIM\(1001 + number)"
    switch plan.definition.dialect {
    case .scpi:
      return SCPIInstrument(
        definition: plan.definition, model: plan.model, channels: channels, serial: serial)
    case .tsp:
      return TSPInstrument(
        definition: plan.definition, model: plan.model, channels: channels, circuit: circuit,
        serial: serial
      ) { [unowned circuit] line in circuit.fire(plan.name, line) }
    case .lines:
      return LineInstrument(
        definition: plan.definition, model: plan.model, channels: channels, serial: serial)
    }
  }

  // MARK: Links

  /// The reply of the instrument `name` to `bytes`, always on the same connection; nil if it closes
  /// the connection or does not exist.
  public func receive(_ bytes: [UInt8], at name: String) -> [UInt8]? {
    guard let client = clients[name] else { return nil }
    return receive(bytes, at: name, from: client)
  }

  /// A new connection to the instrument `name`: a function that returns the reply to bytes; nil if
  /// it closes the connection or does not exist.
  public func connect(_ name: String) -> ([UInt8]) -> [UInt8]? {
    let client = InstrumentClient()
    return { [self] in receive($0, at: name, from: client) }
  }

  private func receive(
    _ bytes: [UInt8], at name: String, from client: InstrumentClient
  ) -> [UInt8]? {
    lock.withLock {
      guard let instrument = instruments[name] else { return nil }
      circuit.begin()
      let answer =
        faults[name] == nil
        ? instrument.receive(bytes, from: client)
        : faults[name]!.receive(bytes, from: client, by: instrument)
      traffic[name, default: LabTraffic()].add(bytes.count, answer?.count ?? 0)
      client.isGone = answer == nil
      return answer
    }
  }

  /// A link to the instrument `name`.
  ///
  /// - Throws: `LinkError.unreachable` if there is none.
  public func open(_ name: String) throws(LinkError) -> any Link {
    guard instruments[name] != nil else {
      throw .unreachable(address: name, reason: "the simulated lab has no such instrument")
    }
    return try LocalLink(connect(name))
  }

  // MARK: Clock

  public func now() -> Double { lock.withLock { circuit.time } }

  /// Advances lab time. Beyond some millions, waveform edges are not simulated.
  public func wait(_ seconds: Double) {
    lock.withLock {
      circuit.begin()
      circuit.advance(seconds)
    }
  }

  // MARK: Truth

  /// The devices in their present state, by name. Used to check results; no experiment reads it.
  public var devices: [String: SimulatedDevices.Drawn] {
    lock.withLock {
      Dictionary(
        uniqueKeysWithValues: circuit.cells.map {
          ($0.name, SimulatedDevices.Drawn(device: $0.device, map: $0.map, pulses: $0.pulses))
        })
    }
  }

  /// The serial number that an instrument reports.
  public func serial(of name: String) -> String? {
    lock.withLock { instruments[name]?.serial }
  }

  /// Whether the output of a channel is actually on.
  public func isOutputOn(_ channel: String, of name: String) -> Bool? {
    lock.withLock {
      guard let instrument = instruments[name],
        let index = instrument.model.channels.firstIndex(of: channel)
      else { return nil }
      return instrument.channels[index].settings.isOn("output")
    }
  }

  /// The traffic so far, by instrument.
  public var wireTraffic: [String: LabTraffic] { lock.withLock { traffic } }

  /// The largest voltages that lasted for any time, by device.
  public var extremes: [String: LabExtremes] {
    lock.withLock { circuit.extremes }
  }
}

/// The traffic with one instrument.
public struct LabTraffic: Sendable, Equatable {
  /// The number of transfers to it.
  public var messages = 0
  public var bytesSent = 0
  public var bytesReceived = 0

  public init() {}

  mutating func add(_ sent: Int, _ received: Int) {
    messages += 1
    bytesSent += sent
    bytesReceived += received
  }

  /// The transmission time of the bytes on a serial line in seconds, with ten bits per byte.
  public func wireTime(baud: Int) -> Double {
    Double(bytesSent + bytesReceived) * 10 / Double(baud)
  }
}

/// The extreme voltages of one device.
public struct LabExtremes: Sendable, Equatable {
  /// |Gate − middle of the channel|, volts.
  public var gate = 0.0
  /// |Drain − row| in volts, while any gate was pulsed.
  public var channelInPulse = 0.0
}
