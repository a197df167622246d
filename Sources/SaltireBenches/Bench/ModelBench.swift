import SaltireCore
import SaltireDevices
import SaltireLearning
public import SaltirePrograms
public import SaltireSimulation
import Synchronization

/// A bench without instruments: performs programs directly on device models, at millions of pulses
/// per second, with its own lab time.
///
/// Only programs advance lab time. Every device and every meter has its own random stream, so an
/// additional read does not change the effect of pulses.
public final class ModelBench: Bench {
  public let wiring: Wiring
  private let state: Mutex<State>

  /// Draws the devices.
  ///
  /// - Parameters:
  ///   - wiring: the devices and their terminals.
  ///   - devices: the models of the devices.
  ///   - seed: the seed of the devices, unless `devices` has its own.
  public init(wiring: Wiring, devices: SimulatedDevices, seed: UInt64) {
    self.wiring = wiring
    let seed = devices.seed ?? seed
    let cells = wiring.sites.map { site in
      var random = RandomStream(seed: seed, name: "draw \(site.device)")
      return Cell(
        site: site, device: devices.model.draw(&random), map: devices.map,
        response: devices.response,
        random: RandomStream(seed: seed, name: "pulses \(site.device)"))
    }
    let meters = wiring.terminals.map {
      Meter(
        terminal: $0, noise: devices.readNoise,
        random: RandomStream(seed: seed, name: "noise \($0)"))
    }
    state = Mutex(State(cells: cells, meters: meters))
  }

  /// The present state of the drawn devices, by name. Used to check results; no experiment reads
  /// it.
  public var devices: [String: SimulatedDevices.Drawn] {
    state.withLock { state in
      Dictionary(
        uniqueKeysWithValues: state.cells.map {
          ($0.site.device, SimulatedDevices.Drawn(device: $0.device, map: $0.map, pulses: 0))
        })
    }
  }

  public func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    try state.withLock { (state: inout State) throws(BenchError) in
      try state.check(program.steps)
    }
    return PreparedProgram(Modelled(bench: self, program: program))
  }

  private struct Modelled: Performance {
    let bench: ModelBench
    let program: Program

    func perform() async throws(BenchError) -> Observations {
      bench.state.withLock { state in
        var observations = Observations(start: state.time, duration: 0, currents: [])
        state.perform(program.steps, into: &observations.currents)
        observations.duration = state.time - observations.start
        return observations
      }
    }
  }

  /// Models hold no voltage between programs, so they are always safe.
  public func makeSafe() async -> SafeReport {
    SafeReport(terminals: wiring.terminals.map { ($0, .confirmed) })
  }
}

private struct Cell {
  let site: Wiring.Site
  var device: Device
  let map: ConductanceMap
  let response: GateResponse
  var random: RandomStream

  /// In siemens, as a read measures it.
  var conductance: Double { map.conductance(device.apparentWeight) }

  /// One pulse of a gate minus row voltage, as a multiple of the nominal pulse.
  mutating func pulse(_ voltage: Double, scale: Double) {
    device.pulse(voltage > 0 ? .up : .down, scale: scale, random: &random)
  }

  mutating func elapse(_ seconds: Double) { device.elapse(seconds, random: &random) }

  /// Applies `train` to the device.
  mutating func apply(_ train: PulseTrain) {
    var gate: PulseTrain.Line?
    var row: PulseTrain.Line?
    for line in train.lines {
      if line.terminal == site.gate { gate = line } else if line.terminal == site.row { row = line }
    }
    guard gate != nil || row != nil else { return }
    let both = (gate?.level ?? 0) - (row?.level ?? 0)
    let gateOnly = gate?.level ?? 0
    let rowOnly = -(row?.level ?? 0)
    let bothScale = response.scale(voltage: both, width: train.width)
    let gateScale = response.scale(voltage: gateOnly, width: train.width)
    let rowScale = response.scale(voltage: rowOnly, width: train.width)
    for index in 0..<(train.slots + 63) / 64 {
      let gates = train.word(index, of: gate)
      let rows = train.word(index, of: row)
      if gateScale == 0, rowScale == 0 {
        for _ in 0..<(gates & rows).nonzeroBitCount { pulse(both, scale: bothScale) }
        continue
      }
      var left = gates | rows
      while left != 0 {
        let bit = left & (0 &- left)
        left ^= bit
        if gates & rows & bit != 0 {
          pulse(both, scale: bothScale)
        } else if gates & bit != 0 {
          pulse(gateOnly, scale: gateScale)
        } else {
          pulse(rowOnly, scale: rowScale)
        }
      }
    }
  }
}

private struct Meter {
  let terminal: Terminal
  /// In amperes.
  let noise: Double
  var random: RandomStream
}

private struct State {
  var cells: [Cell]
  var meters: [Meter]
  var time = 0.0

  /// Checks every terminal of a program before any part of it moves a device.
  func check(_ steps: [Step]) throws(BenchError) {
    func find(_ terminal: Terminal) throws(BenchError) {
      if meters.contains(where: { $0.terminal == terminal }) { return }
      throw .unknownTerminal(terminal)
    }
    for step in steps {
      switch step {
      case .train(let train): for line in train.lines { try find(line.terminal) }
      case .read(let reading):
        for drive in reading.drives { try find(drive.terminal) }
        for terminal in reading.measures { try find(terminal) }
      case .rest: break
      case .repeat(_, let body): try check(body)
      }
    }
  }

  /// Performs steps that ``check(_:)`` accepted.
  mutating func perform(_ steps: [Step], into currents: inout [Double]) {
    for step in steps {
      switch step {
      case .train(let train):
        for index in cells.indices { cells[index].apply(train) }
        elapse(train.duration)
      case .read(let reading):
        read(reading, into: &currents)
        elapse(reading.integration)
      case .rest(let seconds):
        elapse(seconds)
      case .repeat(let times, let body):
        for _ in 0..<times { perform(body, into: &currents) }
      }
    }
  }

  private mutating func elapse(_ seconds: Double) {
    time += seconds
    for index in cells.indices { cells[index].elapse(seconds) }
  }

  private mutating func read(_ reading: Reading, into currents: inout [Double]) {
    for terminal in reading.measures {
      guard let meter = meters.firstIndex(where: { $0.terminal == terminal }) else { continue }
      // The row's instrument sinks the currents of the drains.
      var current = 0.0
      for cell in cells where cell.site.row == terminal || cell.site.drain == terminal {
        let voltage = reading.level(cell.site.drain) - (cell.site.row.map(reading.level) ?? 0)
        let sign = cell.site.row == terminal ? 1.0 : -1.0
        current += sign * cell.conductance * voltage
      }
      if meters[meter].noise > 0 { current += meters[meter].noise * meters[meter].random.normal() }
      currents.append(current)
    }
  }
}

extension Reading {
  /// The voltage on a terminal: 0 unless it is driven.
  fileprivate func level(_ terminal: Terminal) -> Double {
    for drive in drives where drive.terminal == terminal { return drive.level }
    return 0
  }
}
