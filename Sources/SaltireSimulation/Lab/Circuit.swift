import SaltireCore
import SaltireDevices

/// A channel of a simulated instrument, as the circuit sees it.
protocol CircuitChannel: AnyObject {
  /// What it does to its node at lab time `time`, from then until the next
  /// edge or change of a setting.
  func drive(at time: Double) -> Drive
  /// When its drive changes by itself next; nil for never.
  func edge(after time: Double) -> Double?
}

/// The devices and channels of a simulated lab, its netlist and its clock.
///
/// Between changes all voltages are constant. A pulse of a device is a time
/// of constant voltage between its gate and the middle of its channel, and
/// moves the device when it ends.
final class Circuit {
  private(set) var time = 0.0
  private var nodes: [String: Int] = [:]
  private var channels: [(channel: any CircuitChannel, node: Int)] = []
  private(set) var cells: [Cell] = []
  private var resistors: [Network.Branch] = []
  /// What listens to trigger lines.
  private var lines: [String: [any ChannelModel]] = [:]
  private var solution: Network.Solution?
  /// What the channels of devices and these themselves went through.
  private(set) var extremes: [String: LabExtremes] = [:]

  /// One device in the netlist.
  struct Cell {
    let name: String
    let gate: Int
    let drain: Int
    /// nil: ground.
    let row: Int?
    var device: Device
    let map: ConductanceMap
    let response: GateResponse
    var random: RandomStream
    /// Gate minus the middle of the channel, volts, and since when.
    var voltage = 0.0
    var since = 0.0
    /// Pulses that moved it.
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

  /// The number of the node `name`, a new one where it is new.
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

  /// Leads a trigger line to channels.
  func wire(_ instrument: String, _ line: Int, to channels: [any ChannelModel]) {
    lines["\(instrument) \(line)", default: []] += channels
  }

  /// A pulse on a trigger line.
  func fire(_ instrument: String, _ line: Int) {
    for channel in lines["\(instrument) \(line)"] ?? [] { channel.externalTrigger() }
  }

  // MARK: Running

  /// A setting of a channel has changed: what was solved no longer holds.
  /// Devices see the change at once, however short it lasts: two pulses with
  /// no time between them are two.
  func touch() {
    solution = nil
    _ = solve()
  }

  /// Edges of waveforms that one message may pass, and has passed.
  private static let mostEdges = 4_000_000
  private var edges = 0
  /// Whether the message under way passed more, which are not simulated.
  var isOverrun: Bool { edges > Self.mostEdges }

  /// Seconds; lab time must stay a number that pulses can be counted in.
  private static let latest = 1e8
  /// What a reading takes of the edges.
  private static let edgesOfReading = 10

  /// A message begins.
  func begin() { edges = 0 }

  /// Pays for a reading; false where the message has had its share.
  func spend() -> Bool {
    edges += Self.edgesOfReading
    return !isOverrun
  }

  /// Lets `seconds` pass.
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

  /// What `channel` has at its node: volts, amperes out of it, and whether it
  /// is at its limit.
  func state(of channel: any CircuitChannel) -> (voltage: Double, current: Double, limited: Bool) {
    guard let index = channels.firstIndex(where: { $0.channel === channel }) else {
      // Wired to nothing.
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

  /// The network as it is now; devices learn of their voltages.
  private func solve() -> Network.Solution {
    if let solution { return solution }
    let drives = channels.map { Network.Source(node: $0.node, drive: $0.channel.drive(at: time)) }
    // A device that a pulse has ended on has another conductance: twice.
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
