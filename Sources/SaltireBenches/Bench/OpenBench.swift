import SaltireCore
public import SaltireExperiments
public import SaltireInstruments
public import SaltireLinks
public import SaltirePrograms
public import SaltireRig
public import SaltireSimulation
import Synchronization

/// A bench made from its file, ready for programs.
public struct OpenBench: Sendable {
  public let bench: any Bench
  /// The same bench, if it has instruments.
  public let live: LiveBench?
  /// The simulated lab, if this process simulates it.
  public let lab: SimulatedLab?
  /// The announced waits on instruments, which tell whether the run hangs.
  public let stepping = Stepping()
  private let model: ModelBench?

  /// Makes the bench; connects to nothing yet.
  ///
  /// - Parameters:
  ///   - file: the bench file.
  ///   - seed: the seed of simulated devices.
  ///   - faults: faults to inject into a simulated lab.
  ///   - origin: the present lab time, on a bench in wall-clock time.
  ///   - isToMakeSafe: whether the bench is opened only to be made safe: then instruments that
  ///     others use are opened too.
  ///   - record: called with the traffic: instrument and event.
  /// - Throws: `ClockFailure` if the clock of a served lab does not respond;
  ///   ``BenchError/impossible(_:)``.
  public init(
    _ file: BenchFile, seed: UInt64, faults: [LabFault] = [], origin: Double = 0,
    isToMakeSafe: Bool = false, record: (@Sendable (String, WireEvent) -> Void)? = nil
  ) throws(BenchError) {
    guard let station = file.station else {
      guard let devices = file.devices else {
        throw .impossible("a bench of device models needs a 'devices' section")
      }
      let model = ModelBench(wiring: file.wiring, devices: devices, seed: seed)
      (bench, self.model, live, lab) = (model, model, nil, nil)
      return
    }
    model = nil
    let clock: any LabClock
    if station.isSimulated {
      let lab = SimulatedLab(
        station.plan(wiring: file.wiring, devices: file.devices), seed: seed, faults: faults)
      self.lab = lab
      clock = lab
    } else {
      lab = nil
      do throws(LinkError) {
        if let resource = station.clock {
          clock = RemoteClock(try Station.open(resource, nil))
        } else {
          clock = HostClock(showing: origin)
        }
      } catch {
        throw .failed(ClockFailure(error))
      }
    }
    let lab = self.lab
    let adapters = station.adapters.mapValues(\.shared)
    let stepping = stepping
    let instruments = station.instruments.map { entry in
      let openings = Openings()
      return Instrument(
        name: entry.name, definition: entry.definition, model: entry.model, serial: entry.serial,
        stepping: stepping
      ) { () throws(LinkError) in
        let isAgain = openings.next() > 1
        let link: any Link
        if let lab {
          link = try lab.open(entry.name)
        } else {
          if isAgain { entry.free() }
          link = try Station.open(
            entry.resource, entry.definition, adapters, isShared: isToMakeSafe || isAgain)
        }
        guard let record else { return link }
        // Only reopening is recorded, not the first opening.
        if isAgain {
          record(entry.name, WireEvent(.recovered(.reopen), time: HostTime.monotonic))
        }
        return RecordingLink(link) { record(entry.name, $0) }
      }
    }
    let live = LiveBench(
      wiring: file.wiring, station: station, instruments: instruments, clock: clock,
      stepping: stepping)
    (bench, self.live) = (live, live)
  }

  /// The present state of simulated devices, by name; nil for real devices.
  public var devices: [String: SimulatedDevices.Drawn]? { model?.devices ?? lab?.devices }

  /// The true properties of simulated devices.
  public var truth: [String: DeviceTruth]? { devices?.mapValues(DeviceTruth.init) }
}

/// Counts how often a link was opened.
private final class Openings: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock {
      $0 += 1
      return $0
    }
  }
}

extension OpenBench {
  /// A link to one instrument outside a bench. A simulated instrument is new and has open channels.
  ///
  /// - Parameters:
  ///   - resource: its address.
  ///   - library: the definitions, which identify USB devices.
  ///   - family: its family; required for a simulated one.
  ///   - line: what is set at it, where that differs from its family.
  ///   - adapter: its adapter; required on GPIB.
  /// - Throws: `LinkError`.
  public static func link(
    to resource: Resource, _ library: InstrumentLibrary,
    _ family: (definition: Definition, model: Definition.Model)? = nil,
    line: LineSettings = LineSettings(), behind adapter: Station.Adapter? = nil
  ) throws(LinkError) -> any Link {
    if case .gpib(let board, _) = resource, let adapter {
      return try Station.open(resource, nil, [board: adapter.shared])
    }
    guard case .simulated(let name) = resource, let family else {
      var definition = family?.definition
      if case .usb(let vendor, let product, _, _) = resource {
        definition = definition ?? library.find(USBIdentifier(vendor: vendor, product: product))
      }
      return try Station.open(resource, definition, line: line)
    }
    let plan = LabPlan(instruments: [
      .init(name: name, definition: family.definition, model: family.model, nodes: [:])
    ])
    return try SimulatedLab(plan, seed: 1).open(name)
  }
}

extension Station {
  /// The plan of the simulated lab for this station's instruments: every terminal is a node.
  public func plan(wiring: Wiring, devices: SimulatedDevices?) -> LabPlan {
    var plan = LabPlan(
      instruments: instruments.map { entry in
        var nodes: [String: String] = [:]
        for (terminal, channel) in channels where channel.instrument == entry.name {
          nodes[channel.name] = terminal.name
        }
        return LabPlan.Instrument(
          name: entry.name, definition: entry.definition, model: entry.model, nodes: nodes)
      })
    plan.sites = wiring.sites.map {
      LabPlan.Site(
        device: $0.device, gate: $0.gate.name, drain: $0.drain.name, row: $0.row?.name)
    }
    plan.lines = lines.map {
      LabPlan.Line(instrument: $0.instrument, number: $0.number, targets: $0.targets)
    }
    plan.devices = devices
    plan.lineFrequency = mains
    if let devices {
      plan.wire(
        devices.wiring,
        limits: Dictionary(
          uniqueKeysWithValues: channels.map { ($0.key.name, $0.value.current ?? 0) }))
    }
    return plan
  }
}

extension Station.Entry {
  /// Ends dead connections that still occupy the instrument's only socket. This ends connections of
  /// other programs too, so it is used only to make outputs safe, the one case in which a link is
  /// reopened.
  fileprivate func free() {
    guard case .socket(let host, _) = resource, let port = definition.deadSocket else { return }
    try? StreamLink.connect(host: host, port: port, deadline: .after(1)).close()
  }
}
