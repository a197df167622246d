import CCrossbar
import SaltireDevices
import Testing

@testable import SaltireCrossbar

/// A kernel refuses a law that it does not know, instead of applying another one.
@Suite struct UnknownLawTests {
  @Test(arguments: Kernel.available.indices)
  func noDeviceIsMoved(kernel: Int) {
    let array = CrosspointArray<Float>(
      DeviceModel(law: .constantStep, step: 0.01), rows: 16, columns: 16, seed: 1, name: "unknown")
    let share = Memory<Float>(16)
    let sign = Memory<Int32>(16)
    let blocks = Memory<Int32>(1)
    for line in 0..<16 { share[line] = 1 }
    let nodes = Memory<Float>(1)
    var trains = crossbar_trains()
    trains.kind = Int32(CROSSBAR_IMPLICIT)
    trains.length = 1
    (trains.row_share, trains.column_share) = (.init(share.pointer), .init(share.pointer))
    (trains.row_sign, trains.column_sign) = (.init(sign.pointer), .init(sign.pointer))
    (trains.blocks, trains.block_count) = (.init(blocks.pointer), 1)
    let columns = array.devices
    var devices = crossbar_devices()
    (devices.rows, devices.columns, devices.stride) = (16, 16, 16)
    devices.weight = columns.weight.pointer
    (devices.low, devices.high) = (.init(columns.low.pointer), .init(columns.high.pointer))
    (devices.scale_up, devices.scale_down) = (
      .init(columns.scaleUp.pointer), .init(columns.scaleDown.pointer)
    )
    (devices.nodes_up, devices.nodes_down) = (.init(nodes.pointer), .init(nodes.pointer))
    let before = array.weights
    for law: Int32 in [-1, 5, 99] {
      devices.law = law
      let count = Kernel.available[kernel].functions.pulse(
        &devices, &trains, array.stream.current, 0, 16)
      #expect(count == .max && array.weights == before, "law \(law)")
    }
    var double = crossbar_devices_double()
    (double.law, double.rows, double.columns, double.stride) = (99, 16, 16, 16)
    #expect(crossbar_pulse_double(&double, &trains, array.stream.current, 0, 16) == .max)
  }
}
