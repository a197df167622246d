import Foundation
import SaltireAnalysis
import SaltireDevices
import SaltireTesting

/// How often the interval of the symmetry point contains the true one: `make coverage`.
struct Coverage {
  /// One kind of measurement of one device.
  struct Cell {
    let device: KnownDevice
    let pulses: Int
    let cycles: Int
    let cycleToCycle: Double
    /// In steps at the symmetry point.
    let readNoise: Double
  }

  /// What the intervals of a cell are.
  private struct Tally {
    var runs = 0
    var covered = 0
    var below = 0
    var above = 0
    var withheld = 0
    var doubted = 0
    var lengths: [Double] = []
    var errors: [Double] = []

    mutating func add(_ other: Tally) {
      runs += other.runs
      covered += other.covered
      below += other.below
      above += other.above
      withheld += other.withheld
      doubted += other.doubted
    }

    func share(_ count: Int) -> String { String(format: "%6.3f", Double(count) / Double(runs)) }
    var text: String {
      [covered, above, below, withheld, doubted].map(share).joined(separator: " ")
    }
  }

  static let cells: [Cell] = {
    var cells: [Cell] = []
    func add(_ device: KnownDevice, _ pulses: Int, _ cycles: Int, _ noise: Double, _ read: Double) {
      cells.append(
        Cell(
          device: device, pulses: pulses, cycles: cycles, cycleToCycle: noise, readNoise: read))
    }
    for device in KnownDevice.measured {
      let step = device.step(.up, at: device.symmetryPoint, of: device.pulses)
      let own = device.readNoise / step
      for cycles in [1, 3] { add(device, device.pulses, cycles, device.cycleToCycle, own) }
      add(device, 64, 1, 0.1, 1)
      add(device, 200, 1, 0.3, 0.2)
    }
    for kappa in [0.2, 0.7, 1.2] {
      let device = KnownDevice.straight(kappa)
      for (noise, read) in [(0.0, 1.0), (0.1, 0.2)] { add(device, 40, 1, noise, read) }
      add(device, 40, 10, 0.3, 5)
      add(device, 64, 1, 0.1, 5)
      add(device, 64, 3, 0.3, 0.2)
      for (noise, read) in [(0.0, 0.2), (0.1, 1.0)] { add(device, 200, 1, noise, read) }
      add(device, 200, 3, 0.3, 5)
      for (noise, read) in [(0.1, 1.0), (0.3, 0.2)] { add(device, 1000, 1, noise, read) }
    }
    return cells
  }()

  /// Prints the table; `arguments` may have the number of seeds and the beginnings of names.
  static func run(_ arguments: [String]) {
    let seeds = arguments.compactMap { Int($0) }.first ?? 200
    let names = arguments.filter { Int($0) == nil }
    print(
      "shape              pulses cycles  c2c  read | covers  below  above   none doubted | length  rms"
    )
    var pooled = Tally()
    for cell in cells where names.isEmpty || names.contains(where: cell.device.name.hasPrefix) {
      let tally = tally(cell, seeds: seeds)
      pooled.add(tally)
      let lengths = tally.lengths.sorted()
      let square = tally.errors.reduce(0) { $0 + $1 * $1 } / Double(max(tally.errors.count, 1))
      print(
        cell.device.name.padding(toLength: 18, withPad: " ", startingAt: 0),
        String(
          format: "%6d %6d %4.2f %5.2f |", cell.pulses, cell.cycles, cell.cycleToCycle,
          cell.readNoise), tally.text,
        String(
          format: "| %6.4f %6.4f", lengths.isEmpty ? .nan : lengths[lengths.count / 2],
          square.squareRoot()))
    }
    print("pooled over \(pooled.runs) runs:", pooled.text)
  }

  private static func tally(_ cell: Cell, seeds: Int) -> Tally {
    let device = cell.device
    let truth = device.symmetryPoint
    let step = device.step(.up, at: truth, of: cell.pulses)
    let width = device.window.upperBound - device.window.lowerBound
    var tally = Tally()
    for seed in 0..<seeds {
      tally.runs += 1
      let response = device.response(
        pulses: cell.pulses, cycles: cell.cycles, cycleToCycle: cell.cycleToCycle,
        readNoise: cell.readNoise * step, seed: UInt64(seed))
      let estimate = try? DeviceEstimate(response)
      if estimate?.misfits.isEmpty == false { tally.doubted += 1 }
      guard let point = estimate?.symmetryPoint else {
        tally.withheld += 1
        continue
      }
      if truth < point.low {
        tally.below += 1
      } else if truth > point.high {
        tally.above += 1
      } else {
        tally.covered += 1
      }
      tally.lengths.append((point.high - point.low) / width)
      if point.value.isFinite { tally.errors.append((point.value - truth) / width) }
    }
    return tally
  }
}
