import CCrossbar

/// The precisions of arrays: single for speed, double to verify the arithmetic.
public protocol CrosspointReal: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// Applies the pulses of one update to the rows `rows` and counts them.
  static func pulse(_ pulses: ArrayPulses<Self>, rows: Range<Int>) -> Int
}

/// The pulses of one update, as the kernel takes them.
// Unchecked: threads use different rows.
public struct ArrayPulses<Real: CrosspointReal>: @unchecked Sendable {
  let devices: DeviceColumns<Real>
  let trains: crossbar_trains
  let stream: crossbar_stream
  let kernel: Kernel

  /// The number of pulses that a kernel returned.
  fileprivate func counted(_ count: UInt64) -> Int {
    precondition(count != CROSSBAR_UNKNOWN_LAW, "the kernel does not know law \(devices.law)")
    return Int(count)
  }
}

extension Float: CrosspointReal {
  public static func pulse(_ pulses: ArrayPulses<Float>, rows: Range<Int>) -> Int {
    let d = pulses.devices
    var c = crossbar_devices()
    (c.law, c.rows, c.columns, c.stride) = d.shape
    (c.weight, c.apparent) = (d.weight.pointer, d.apparent?.pointer)
    (c.low, c.high) = (.init(d.low.pointer), .init(d.high.pointer))
    (c.scale_up, c.scale_down) = (.init(d.scaleUp.pointer), .init(d.scaleDown.pointer))
    (c.slope_up, c.slope_down) = (.init(d.slopeUp.pointer), .init(d.slopeDown.pointer))
    (c.spread_up, c.spread_down) = (.init(d.spreadUp.pointer), .init(d.spreadDown.pointer))
    (c.cycle, c.write) = (d.cycleToCycle, d.writeNoise)
    (c.constants, c.sections) = (d.constants, d.sections)
    (c.nodes_up, c.nodes_down) = (.init(d.nodesUp.pointer), .init(d.nodesDown.pointer))
    return withUnsafePointer(to: pulses.trains) { trains in
      pulses.counted(
        pulses.kernel.functions.pulse(
          &c, trains, pulses.stream, Int32(rows.lowerBound), Int32(rows.upperBound)))
    }
  }
}

extension Double: CrosspointReal {
  public static func pulse(_ pulses: ArrayPulses<Double>, rows: Range<Int>) -> Int {
    let d = pulses.devices
    var c = crossbar_devices_double()
    (c.law, c.rows, c.columns, c.stride) = d.shape
    (c.weight, c.apparent) = (d.weight.pointer, d.apparent?.pointer)
    (c.low, c.high) = (.init(d.low.pointer), .init(d.high.pointer))
    (c.scale_up, c.scale_down) = (.init(d.scaleUp.pointer), .init(d.scaleDown.pointer))
    (c.slope_up, c.slope_down) = (.init(d.slopeUp.pointer), .init(d.slopeDown.pointer))
    (c.spread_up, c.spread_down) = (.init(d.spreadUp.pointer), .init(d.spreadDown.pointer))
    (c.cycle, c.write) = (d.cycleToCycle, d.writeNoise)
    (c.constants, c.sections) = (d.constants, d.sections)
    (c.nodes_up, c.nodes_down) = (.init(d.nodesUp.pointer), .init(d.nodesDown.pointer))
    return withUnsafePointer(to: pulses.trains) { trains in
      pulses.counted(
        crossbar_pulse_double(
          &c, trains, pulses.stream, Int32(rows.lowerBound), Int32(rows.upperBound)))
    }
  }
}
