import SaltireAnalysis
import SaltireCore
import SaltireDevices

/// Crossed swords measured directly on a drawn device, from its lower bound,
/// in units where 1 S is one weight unit of the model.
func response(
  of device: inout Device, pulses: Int, cycles: Int, readNoise: Double,
  random: inout RandomStream
) -> PulseResponse {
  device.place(at: device.weightMin)
  func read(_ device: Device, _ random: inout RandomStream) -> Double {
    device.apparentWeight + readNoise * random.normal()
  }
  var branches: [Branch] = []
  var last = read(device, &random)
  for _ in 0..<cycles {
    for direction in [PulseDirection.up, .down] {
      var reads = [last]
      for _ in 0..<pulses {
        device.pulse(direction, random: &random)
        reads.append(read(device, &random))
      }
      last = reads[pulses]
      branches.append(Branch(direction: direction, conductances: reads))
    }
  }
  return PulseResponse(branches: branches)
}

/// EcRamMO with 500 states and cycle-to-cycle noise 0.3.
func bench500() -> DeviceModel {
  var model = DeviceModel.preset("EcRamMO")!
  model.step = 0.004
  model.cycleToCycle = 0.3
  return model
}
