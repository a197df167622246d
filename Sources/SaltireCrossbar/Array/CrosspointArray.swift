import CCrossbar
import Dispatch
import SaltireCore
public import SaltireDevices
import SaltireLearning

/// A crosspoint array of drawn devices: rows are error (output) lines, columns input lines.
///
/// All random numbers come from one counter-based stream that the seed and the array's name
/// determine, so results depend neither on the number of threads nor on the kernel. Updates behave
/// as if devices were pulsed one after the other: each coincidence is a pulse from the weight that
/// the previous one left, with its own random deviate.
// Unchecked: an array belongs to one task at a time; its threads use different rows.
public final class CrosspointArray<Real: CrosspointReal>: @unchecked Sendable {
  public let model: DeviceModel
  public let rows: Int
  public let columns: Int
  /// The number of threads for an update.
  public var threads = 1
  /// The number of pulses so far.
  public internal(set) var pulses = 0

  /// The step size that updates are counted in; cached because it needs an exponential.
  let granularity: Double
  let devices: DeviceColumns<Real>
  let kernel: Kernel
  var stream: KernelStream
  private let trains: TrainMemory
  private let seed: UInt64
  private let name: String
  /// Only devices that age.
  var aging: [Device]
  /// How often time has advanced.
  var agings = 0

  /// Draws an array.
  ///
  /// - Parameters:
  ///   - model: the family of devices.
  ///   - rows: the number of error lines.
  ///   - columns: the number of input lines.
  ///   - seed: together with `name`, the seed of all random numbers.
  ///   - name: distinguishes arrays with the same seed.
  ///   - kernel: the compute kernel; all give the same bits.
  public init(
    _ model: DeviceModel, rows: Int, columns: Int, seed: UInt64, name: String,
    kernel: Kernel = .fastest
  ) {
    precondition(rows > 0 && columns > 0, "an array needs at least one row and one column")
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

  /// Every device as drawn, row by row, drawn again from the same stream: fresh, not in its present
  /// state.
  public func drawn() -> [Device] {
    var random = Self.drawing(seed, name)
    return (0..<rows * columns).map { _ in model.draw(&random) }
  }

  // MARK: Weights

  /// The weight of one device as a product uses it.
  public subscript(row: Int, column: Int) -> Real {
    (devices.apparent ?? devices.weight)[row * devices.stride + column]
  }

  /// The weights as products use them, row by row.
  public var weights: [Real] {
    (0..<rows).flatMap { row in (0..<columns).map { self[row, $0] } }
  }

  /// Sets every device to a weight, clipped to its bounds, without pulses.
  ///
  /// - Parameter values: row by row.
  public func place(at values: [Real]) {
    precondition(values.count == rows * columns, "one weight for each device")
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
  ///   - update: how pulses are generated.
  ///   - rate: the learning rate, in weight units.
  ///   - inputs: x, one value for each column.
  ///   - ascent: −δ, one value for each row.
  public func update(_ update: PulsedUpdate, rate: Double, inputs: [Float], ascent: [Float]) {
    precondition(inputs.count == columns && ascent.count == rows, "one value for each line")
    let x = Memory<Float>(columns)
    let d = Memory<Float>(rows)
    x.values = inputs
    d.values = ascent
    self.update(update, rate: rate, inputs: .init(x.pointer), ascent: .init(d.pointer))
  }

  /// `update` with padded memory, without allocating.
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
    // Random deviates belong to groups of this many rows.
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

  /// Applies one pulse to every device.
  public func pulseAll(_ direction: PulseDirection) {
    update(
      PulsedUpdate(kind: .deterministicImplicit, management: .single),
      rate: granularity, inputs: [Float](repeating: 1, count: columns),
      ascent: [Float](repeating: direction == .up ? 1 : -1, count: rows))
  }

  // MARK: Time

  /// Advances time by `duration` seconds without a pulse, as `Device.elapse`.
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
