import SaltireCore
import SaltireDevices

/// A channel of a simulated instrument, as the circuit uses it.
protocol CircuitChannel: AnyObject {
  /// Its drive of its node from lab time `time` until the next edge or change of a setting.
  func drive(at time: Double) -> Drive
  /// The time of its next edge; nil for never.
  func edge(after time: Double) -> Double?
}

/// The devices, channels, netlist and clock of a simulated lab.
///
/// All voltages are constant between changes. A pulse on a device is an interval of constant
/// voltage between its gate and the middle of its channel, and changes the device when it ends.
final class Circuit {
  private(set) var time = 0.0
  private var nodes: [String: Int] = [:]
  private var channels: [(channel: any CircuitChannel, node: Int)] = []
  private(set) var cells: [Cell] = []
  private var resistors: [Network.Branch] = []
  /// The channels that listen to trigger lines.
  private var lines: [String: [any ChannelModel]] = [:]
  private var solution: Network.Solution?
  /// The extreme voltages of the devices.
  private(set) var extremes: [String: LabExtremes] = [:]

  /// One device in the netlist.
  struct Cell {
    let name: String
    let gate: Int
    let drain: Int
    /// Nil for ground.
    let row: Int?
    var device: Device
    let map: ConductanceMap
    let response: GateResponse
    var random: RandomStream
    /// Gate voltage minus that of the middle of the channel in volts, and since when.
    var voltage = 0.0
    var since = 0.0
    /// The number of pulses that changed it.
    var pulses = 0

    var conductance: Double { map.conductance(device.apparentWeight) }

    mutating func elapse(_ seconds: Double) { device.elapse(seconds, random: &random) }

    mutating func see(_ voltage: Double, at time: Double) {
      guard voltage != self.voltage else { return }
      let width = time - since
      if self.voltage != 0, width > 0 {
        let scale = response.scale(voltage: self.voltage, width: width)
        if scale > 0 {
          device.pulse(self.voltage > 0 ? .up : .down, scale: scale, random: &random)
          pulses += 1
        }
      }
      self.voltage = voltage
      since = time
    }
  }

  // MARK: Building

  /// The index of the node `name`, which is created if needed.
  func node(_ name: String) -> Int {
    if let node = nodes[name] { return node }
    nodes[name] = nodes.count
    return nodes.count - 1
  }

  func add(_ channel: any CircuitChannel, at node: String) {
    channels.append((channel, self.node(node)))
    solution = nil
  }

  func add(_ cell: Cell) {
    cells.append(cell)
    solution = nil
  }

  func add(ohms: Double, from: String, to: String?) {
    resistors.append(
      Network.Branch(from: node(from), to: to.map { node($0) }, siemens: 1 / ohms))
    solution = nil
  }

  /// Connects a trigger line to channels.
  func wire(_ instrument: String, _ line: Int, to channels: [any ChannelModel]) {
    lines["\(instrument) \(line)", default: []] += channels
  }

  /// A pulse on a trigger line.
  func fire(_ instrument: String, _ line: Int) {
    for channel in lines["\(instrument) \(line)"] ?? [] { channel.externalTrigger() }
  }

  // MARK: Running

  /// A setting of a channel has changed, so the solution is out of date. Devices see the change at
  /// once, however short it lasts: two pulses without time between them are two pulses.
  func touch() {
    solution = nil
    _ = solve()
  }

  /// Maximum number of waveform edges for one message, and the number so far.
  private static let mostEdges = 4_000_000
  private var edges = 0
  /// Whether the current message exceeded it; further edges are not simulated.
  var isOverrun: Bool { edges > Self.mostEdges }

  /// In seconds; lab time must keep enough resolution for pulses.
  private static let latest = 1e8
  /// The cost of a reading, in edges.
  private static let edgesOfReading = 10

  /// Starts a message.
  func begin() { edges = 0 }

  /// Accounts for a reading; false if the message has used its budget.
  func spend() -> Bool {
    edges += Self.edgesOfReading
    return !isOverrun
  }

  /// Advances lab time by `seconds`.
  func advance(_ seconds: Double) {
    guard seconds > 0 else { return }
    let end = min(time + seconds, Self.latest)
    while time < end {
      _ = solve()
      noteExtremes()
      var next = end
      var isEdge = false
      for (channel, _) in channels {
        if isOverrun { break }
        if let edge = channel.edge(after: time), edge <= next { (next, isEdge) = (edge, true) }
      }
      if isEdge { edges += 1 }
      for index in cells.indices { cells[index].elapse(next - time) }
      time = next
      if isEdge { touch() }
    }
  }

  /// The state of `channel` at its node: voltage, current out of it, and compliance.
  func state(of channel: any CircuitChannel) -> (voltage: Double, current: Double, limited: Bool) {
    guard let index = channels.firstIndex(where: { $0.channel === channel }) else {
      // Not connected.
      switch channel.drive(at: time) {
      case .voltage(let level, _), .behind(let level, _): return (level, 0, false)
      case .current(let level, let limit): return (level == 0 ? 0 : limit, 0, level != 0)
      case .open: return (0, 0, false)
      }
    }
    let solution = solve()
    return (
      solution.voltages[channels[index].node], solution.currents[index], solution.isLimited[index]
    )
  }

  /// Solves the network as it is now, and updates the voltages of the devices.
  private func solve() -> Network.Solution {
    if let solution { return solution }
    let drives = channels.map { Network.Source(node: $0.node, drive: $0.channel.drive(at: time)) }
    // The second round accounts for devices whose conductance changed at the end of a pulse.
    for round in 0..<2 {
      let branches =
        resistors
        + cells.map { Network.Branch(from: $0.drain, to: $0.row, siemens: $0.conductance) }
      let solved = Network.solve(nodes: nodes.count, branches: branches, sources: drives)
      var hasMoved = false
      for index in cells.indices {
        let cell = cells[index]
        let row = cell.row.map { solved.voltages[$0] } ?? 0
        let pulses = cell.pulses
        cells[index].see(
          solved.voltages[cell.gate] - (solved.voltages[cell.drain] + row) / 2, at: time)
        if cells[index].pulses != pulses { hasMoved = true }
      }
      solution = solved
      if !hasMoved || round == 1 { break }
    }
    return solution!
  }

  private func noteExtremes() {
    guard let solution else { return }
    let isPulsed = cells.contains { solution.voltages[$0.gate] != 0 }
    for cell in cells {
      var extreme = extremes[cell.name] ?? LabExtremes()
      extreme.gate = max(extreme.gate, abs(cell.voltage))
      if isPulsed {
        let row = cell.row.map { solution.voltages[$0] } ?? 0
        extreme.channelInPulse = max(
          extreme.channelInPulse, abs(solution.voltages[cell.drain] - row))
      }
      extremes[cell.name] = extreme
    }
  }
}
