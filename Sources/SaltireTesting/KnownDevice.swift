import Foundation
package import SaltireAnalysis
import SaltireCore
package import SaltireDevices

/// A device of known mean steps, of the shape of measured ones.
package struct KnownDevice: Sendable {
  /// A step as a function of the conductance, by a table.
  struct Table: Sendable {
    var conductances: [Double]
    var steps: [Double]

    /// From a response over the pulse number, m = 0 … pulses − 1: each step is the derivative, at
    /// least a fiftieth of the median.
    init(pulses: Int, sign: Double, _ response: (Double) -> Double) {
      let m = (0..<4000).map { Double(pulses - 1) * Double($0) / 3999 }
      let g = m.map(response)
      var steps = m.indices.map { k -> Double in
        let (a, b) = (max(k - 1, 0), min(k + 1, m.count - 1))
        return sign * (g[b] - g[a]) / (m[b] - m[a])
      }
      let sorted = steps.sorted()
      let least = 0.02 * (sorted[1999] + sorted[2000]) / 2
      steps = steps.map { max($0, least) }
      let order = g.indices.sorted { g[$0] < g[$1] }
      conductances = order.map { g[$0] }
      self.steps = order.map { steps[$0] }
    }

    /// Beyond the table along its ends.
    func step(at g: Double) -> Double {
      let last = conductances.count - 1
      let least = 1e-3 * (steps.max() ?? 0)
      func line(_ a: Int, _ b: Int) -> Double {
        let share = (g - conductances[a]) / (conductances[b] - conductances[a])
        return steps[a] + share * (steps[b] - steps[a])
      }
      if g < conductances[0] { return max(line(0, 20), least) }
      if g > conductances[last] { return max(line(last, last - 20), least) }
      var (low, high) = (0, last)
      while high - low > 1 {
        let middle = (low + high) / 2
        if conductances[middle] <= g { low = middle } else { high = middle }
      }
      return line(low, high)
    }
  }

  enum Steps: Sendable {
    case tables(up: Table, down: Table)
    /// (1 ∓ κx) for x from −1 to 1.
    case straight(kappa: Double)
  }

  package let name: String
  let steps: Steps
  /// The conductance before the first pulse.
  let start: Double
  /// Pulses of one branch, cycle-to-cycle noise and read noise of the measured device.
  package let pulses: Int
  package let cycleToCycle: Double
  package let readNoise: Double
  package let window: ClosedRange<Double>
  package let symmetryPoint: Double

  /// The mean step in branches of `count` pulses.
  package func step(_ direction: PulseDirection, at g: Double, of count: Int) -> Double {
    switch steps {
    case .tables(let up, let down):
      (direction == .up ? up : down).step(at: g) * Double(pulses) / Double(count)
    case .straight(let kappa):
      2.2 / Double(count) * (1 + (direction == .up ? -kappa : kappa) * g)
    }
  }

  /// Reads after each pulse of `cycles` up and down branches.
  package func response(
    pulses count: Int, cycles: Int, cycleToCycle: Double, readNoise: Double, seed: UInt64
  ) -> PulseResponse {
    var random = RandomStream(seed: seed, name: name)
    var g = start
    var branches: [Branch] = []
    var last: Double?
    for _ in 0..<cycles {
      for direction in [PulseDirection.up, .down] {
        var reads: [Double] = last.map { [$0] } ?? []
        for _ in 0..<count {
          let sign = direction == .up ? 1.0 : -1.0
          let step = step(direction, at: g, of: count)
          g += sign * step * (1 + cycleToCycle * random.normal())
          reads.append(g + readNoise * random.normal())
        }
        last = reads.last
        branches.append(Branch(direction: direction, conductances: reads))
      }
    }
    return PulseResponse(branches: branches)
  }
}

extension KnownDevice {
  package static func straight(_ kappa: Double) -> KnownDevice {
    KnownDevice(
      name: "straight-\(kappa)", steps: .straight(kappa: kappa), start: -0.85, pulses: 200,
      cycleToCycle: 0.1, readNoise: 0.01, window: -1...1, symmetryPoint: 0)
  }

  private init(
    _ name: String, pulses: Int, cycleToCycle: Double, readNoise: Double,
    up: (Double) -> Double, down: (Double) -> Double
  ) {
    self.name = name
    self.pulses = pulses
    self.cycleToCycle = cycleToCycle
    self.readNoise = readNoise
    let up = Table(pulses: pulses, sign: 1, up)
    let down = Table(pulses: pulses, sign: -1, down)
    steps = .tables(up: up, down: down)
    start = up.conductances[0]
    let (lows, highs) = (
      [up, down].map { $0.conductances[0] }, [up, down].map { $0.conductances[3999] }
    )
    window = lows.min()!...highs.max()!
    let (low, high) = (lows.max()!, highs.min()!)
    let inner = stride(from: 0.05, through: 0.95, by: 1e-5).map { low + $0 * (high - low) }
    symmetryPoint = inner.first { up.step(at: $0) <= down.step(at: $0) } ?? .nan
  }

  /// Shapes fitted to measured curves; conductances in siemens.
  package static let measured: [KnownDevice] = [
    // A metal floating gate: the first three down pulses cross half of the window.
    KnownDevice(
      "abrupt-start", pulses: 250, cycleToCycle: 0.11, readNoise: 1.7e-12,
      up: exponentials(8.753e-10, 7.324e-10, 0.24274, (0.34684, 2.4019), (-1.3579, 3.8583)),
      down: exponentials(6.893e-10, 1.478e-10, -0.14615, (0.50516, 0.71035), (0.48994, 4.3034))),
    // Resistive memory that saturates in both directions, with noisy reads.
    KnownDevice(
      "saturating-noisy", pulses: 200, cycleToCycle: 0, readNoise: 3.2e-6,
      up: exponentials(3.52e-5, 9.507e-5, 0.071632, (-0.60847, 3.1375)),
      down: exponentials(4.28e-5, 7.585e-5, -0.071679, (0.69712, 2.9988))),
    // An on/off ratio of 1.03.
    KnownDevice(
      "small-window", pulses: 50, cycleToCycle: 0.31, readNoise: 6e-8,
      up: exponentials(3.437e-6, 1.159e-4, 1.6317, (-0.58164, 2.1061), (-1.7568, 5.1548)),
      down: exponentials(3.284e-6, 1.143e-4, -0.35413, (0.45082, 0.35868), (0.67224, 3.4191))),
    // One of 250 alike devices.
    KnownDevice(
      "many-alike", pulses: 300, cycleToCycle: 0.3, readNoise: 6.5e-12,
      up: { 3.735e-10 * (0.1862 - 1.0101 * pow(1 + $0 / exp(3.3795), -exp(0.20182))) + 4.993e-10 },
      down: { 3.709e-10 * (-0.43949 + 1.07 * exp(-pow($0 / exp(4.346), exp(0.1)))) + 3.162e-10 }),
  ]

  private static func exponentials(
    _ scale: Double, _ offset: Double, _ constant: Double,
    _ terms: (amplitude: Double, logLife: Double)...
  ) -> (Double) -> Double {
    { m in
      scale * terms.reduce(constant) { $0 + $1.amplitude * exp(-m / exp($1.logLife)) } + offset
    }
  }
}
