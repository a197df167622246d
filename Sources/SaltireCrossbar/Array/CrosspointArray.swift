import CCrossbar
import Dispatch
import SaltireCore
public import SaltireDevices
import SaltireLearning

/// A crosspoint array of drawn devices: rows are error (output) lines, columns
/// input lines.
///
/// Everything random comes from one counter-based stream that a seed and the
/// array's name fix, so results depend neither on the number of threads nor
/// on the kernel. Updates have the semantics of devices pulsed one after the
/// other: each coincidence is a pulse from the weight that the one before
/// left, with a deviate of its own.
// Unchecked: an array belongs to one task at a time; its own threads take
// different rows.
public final class CrosspointArray<Real: CrosspointReal>: @unchecked Sendable {
  public let model: DeviceModel
  public let rows: Int
  public let columns: Int
  /// Threads that one update is spread over.
  public var threads = 1
  /// Pulses that devices got so far.
  public internal(set) var pulses = 0

  /// The step that updates count in: computing it takes an exponential.
  let granularity: Double
  let devices: DeviceColumns<Real>
  let kernel: Kernel
  var stream: KernelStream
  private let trains: TrainMemory
  private let seed: UInt64
  private let name: String
  /// Only of devices that age.
  var aging: [Device]
  /// How often time has passed.
  var agings = 0

  /// Draws an array.
  ///
  /// - Parameters:
  ///   - model: the family of devices.
  ///   - rows: error lines.
  ///   - columns: input lines.
  ///   - seed: with `name`, of everything random in it.
  ///   - name: what tells it from other arrays of that seed.
  ///   - kernel: that computes; the bits do not depend on it.
  public init(
    _ model: DeviceModel, rows: Int, columns: Int, seed: UInt64, name: String,
    kernel: Kernel = .fastest
  ) {
    precondition(rows > 0 && columns > 0, "an array has rows and columns")
    self.model = model
    (self.rows, self.columns, self.seed, self.name) = (rows, columns, seed, name)
    self.kernel = kernel
    granularity = model.granularity
    stream = KernelStream(seed: seed, name: "\(name) pulses")
    trains = TrainMemory(rows: rows, columns: columns)
    var random = Self.drawing(seed, name)
    var aging: [Device] = []
    devices = DeviceColumns(rows: rows, columns: columns) { _ in
      let device = model.draw(&random)
      if model.ages { aging.append(device) }
      return device
    }
    self.aging = aging
  }

  private static func drawing(_ seed: UInt64, _ name: String) -> RandomStream {
    RandomStream(seed: seed, name: "\(name) devices")
  }

  /// Every device as drawn, row by row, from the same stream again: fresh, not
  /// in its present state.
  public func drawn() -> [Device] {
    var random = Self.drawing(seed, name)
    return (0..<rows * columns).map { _ in model.draw(&random) }
  }

  // MARK: Weights

  /// What a product sees of one device.
  public subscript(row: Int, column: Int) -> Real {
    (devices.apparent ?? devices.weight)[row * devices.stride + column]
  }

  /// What a product sees, row by row.
  public var weights: [Real] {
    (0..<rows).flatMap { row in (0..<columns).map { self[row, $0] } }
  }

  /// Puts every device at a weight, clipped to its bounds, without pulses.
  ///
  /// - Parameter values: row by row.
  public func place(at values: [Real]) {
    precondition(values.count == rows * columns, "one weight a device")
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * devices.stride + column
        let value = min(
          max(values[row * columns + column], devices.low[index]), devices.high[index])
        devices.weight[index] = value
        devices.apparent?[index] = value
      }
    }
  }

  // MARK: Pulses

  /// w ← w + rate · ascent · inputs, in pulses.
  ///
  /// - Parameters:
  ///   - update: how pulses are made.
  ///   - rate: of learning, weight units.
  ///   - inputs: x, one value a column.
  ///   - ascent: −δ, one value a row.
  public func update(_ update: PulsedUpdate, rate: Double, inputs: [Float], ascent: [Float]) {
    precondition(inputs.count == columns && ascent.count == rows, "a value a line")
    let x = Memory<Float>(columns)
    let d = Memory<Float>(rows)
    x.values = inputs
    d.values = ascent
    self.update(update, rate: rate, inputs: .init(x.pointer), ascent: .init(d.pointer))
  }

  /// `update` from padded memory, without allocating.
  func update(
    _ update: PulsedUpdate, rate: Double, inputs: UnsafePointer<Float>,
    ascent: UnsafePointer<Float>
  ) {
    let train = update.management.train(
      rate: rate,
      largestInput: Double(kernel.functions.largest(inputs, Int32(devices.stride))),
      largestError: Double(kernel.functions.largest(ascent, Int32(Kernel.padded(rows)))),
      granularity: granularity)
    stream.epoch += 1
    guard train.length > 0 else { return }
    trains.fill(
      update, train, ascent: ascent, inputs: inputs, kernel: kernel, stream: stream.current)
    guard update.kind == .fourPhase else { return pulse(trains.all(kernel)) }
    for (rowsNegative, columnsNegative) in [
      (false, false), (true, true), (true, false), (false, true),
    ] {
      pulse(trains.phase(rowsNegative: rowsNegative, columnsNegative: columnsNegative, kernel))
      stream.epoch += 1
    }
  }

  private func pulse(_ trains: crossbar_trains) {
    let all = ArrayPulses(
      devices: devices, trains: trains, stream: stream.current, kernel: kernel)
    // Deviates belong to groups of so many rows.
    let groups = (rows + Kernel.lanes - 1) / Kernel.lanes
    guard threads > 1, groups > 1 else {
      pulses += Real.pulse(all, rows: 0..<rows)
      return
    }
    let parts = min(threads, groups)
    let rows = rows
    let counts = Memory<Int>(parts)
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let first = groups * part / parts * Kernel.lanes
      let last = min(groups * (part + 1) / parts * Kernel.lanes, rows)
      counts[part] = Real.pulse(all, rows: first..<last)
    }
    pulses += counts.values.reduce(0, +)
  }

  /// Gives every device one pulse.
  public func pulseAll(_ direction: PulseDirection) {
    update(
      PulsedUpdate(kind: .deterministicImplicit, management: .single),
      rate: granularity, inputs: [Float](repeating: 1, count: columns),
      ascent: [Float](repeating: direction == .up ? 1 : -1, count: rows))
  }

  // MARK: Time

  /// Lets `duration` seconds pass without a pulse, as `Device.elapse`.
  public func elapse(_ duration: Double) {
    guard !aging.isEmpty else { return }
    agings += 1
    var random = RandomStream(seed: seed, name: "\(name) ageing \(agings)")
    for index in aging.indices {
      let at = index / columns * devices.stride + index % columns
      let before = devices.weight[at]
      aging[index].place(at: Double(before))
      aging[index].elapse(duration, random: &random)
      devices.weight[at] = Real(aging[index].weight)
      devices.apparent?[at] += devices.weight[at] - before
    }
  }
}
