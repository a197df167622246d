import CCrossbar
import SaltireDevices

/// The devices of an array as a structure of arrays, row by row, for the kernels.
///
/// Weights are relative to the references, so bounds and scales are shifted by a device's
/// reference; parameters of down pulses have their sign inverted.
final class DeviceColumns<Real: CrosspointReal>: Sendable {
  typealias Column = Memory<Real>

  let rows: Int
  let columns: Int
  /// Distance between rows.
  let stride: Int
  let law: Int32
  let weight: Column
  /// The weights as products use them if there is write noise; otherwise nil.
  let apparent: Column?
  let low: Column
  let high: Column
  let scaleUp: Column
  let scaleDown: Column
  let slopeUp: Column
  let slopeDown: Column
  let spreadUp: Column
  let spreadDown: Column
  let cycleToCycle: Real
  let writeNoise: Real
  let constants: (Real, Real, Real, Real, Real, Real, Real, Real)
  let nodesUp: Column
  let nodesDown: Column
  let sections: Int32

  var shape: (Int32, Int32, Int32, Int32) { (law, Int32(rows), Int32(columns), Int32(stride)) }

  /// - Parameter draw: returns the next device; called row by row.
  init(rows: Int, columns: Int, draw: (Int) -> Device) {
    let stride = Kernel.padded(columns)
    let count = rows * stride
    // Columns that a law does not use have the minimum size.
    let first = draw(0)
    let parameters = first.parameters
    law = Self.law(of: parameters)
    let isLinear = law == CROSSBAR_LINEAR || law == CROSSBAR_LINEAR_ADDITIVE
    let hasSlopes = isLinear || law == CROSSBAR_POWER
    let hasSpread = law == CROSSBAR_LINEAR_ADDITIVE
    (self.rows, self.columns, self.stride) = (rows, columns, stride)
    (weight, low, high) = (Column(count), Column(count), Column(count))
    (scaleUp, scaleDown) = (Column(count), Column(count))
    (slopeUp, slopeDown) = (Column(hasSlopes ? count : 0), Column(hasSlopes ? count : 0))
    (spreadUp, spreadDown) = (Column(hasSpread ? count : 0), Column(hasSpread ? count : 0))
    cycleToCycle = Real(parameters.cycleToCycle)
    writeNoise = Real(parameters.writeNoise)
    apparent = parameters.writeNoise > 0 ? Column(count) : nil
    var nodes: (up: [Double], down: [Double]) = ([], [])
    if case .piecewise(let up, let down) = parameters.shape { nodes = (up, down) }
    nodesUp = Column(nodes.up.count)
    nodesDown = Column(nodes.down.count)
    for (index, node) in nodes.up.enumerated() { nodesUp[index] = Real(node) }
    for (index, node) in nodes.down.enumerated() { nodesDown[index] = Real(node) }
    sections = Int32(max(nodes.up.count - 1, 0))
    if case .exponential(let law) = parameters.shape {
      constants = (
        Real(2 * law.a), Real(law.b), Real(law.amplitudeUp), Real(law.amplitudeDown),
        Real(law.gammaUp), Real(law.gammaDown), Real(law.noiseOffset), Real(law.noiseSlope)
      )
    } else {
      constants = (0, 0, 0, 0, 0, 0, 0, 0)
    }
    var device = first
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * columns + column
        if index > 0 { device = draw(index) }
        set(device, at: row * stride + column)
      }
    }
  }

  private func set(_ device: Device, at index: Int) {
    let p = device.parameters
    weight[index] = Real(device.weight)
    apparent?[index] = Real(device.apparentWeight)
    low[index] = Real(device.weightMin)
    high[index] = Real(device.weightMax)
    scaleUp[index] = Real(p.scaleUp)
    scaleDown[index] = Real(-p.scaleDown)
    switch p.shape {
    case nil:
      scaleUp[index] = Real(p.scaleUp + p.slopeUp * p.reference)
      scaleDown[index] = Real(-(p.scaleDown + p.slopeDown * p.reference))
      slopeUp[index] = Real(p.slopeUp)
      slopeDown[index] = Real(-p.slopeDown)
      if law == CROSSBAR_LINEAR_ADDITIVE {
        spreadUp[index] = Real(p.scaleUp)
        spreadDown[index] = Real(-p.scaleDown)
      }
    case .power(let gammaUp, let gammaDown):
      slopeUp[index] = Real(gammaUp)
      slopeDown[index] = Real(gammaDown)
    case .exponential, .piecewise: break
    }
  }

  private static func law(of parameters: Device.Parameters) -> Int32 {
    let law =
      switch parameters.shape {
      case nil where parameters.multiplicativeNoise: CROSSBAR_LINEAR
      case nil: CROSSBAR_LINEAR_ADDITIVE
      case .exponential: CROSSBAR_EXPONENTIAL
      case .power: CROSSBAR_POWER
      case .piecewise: CROSSBAR_PIECEWISE
      }
    return Int32(law)
  }
}
