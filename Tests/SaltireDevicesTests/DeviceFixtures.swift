import Foundation
import SaltireDevices

/// Deterministic trajectories of noise-free devices, from an independent
/// implementation of the device equations.
struct DeviceFixtures: Decodable {
  struct Swords: Decodable {
    var n_up: Int
    var n_dn: Int
    var start: Double
    var index: [Int]
    var w: [Double]
    var symmetry_point: Double
  }
  struct Shifting: Decodable {
    var start: Double
    var pairs_then_wUp_wDown: [String: [Double]]
    var fixed_point_after_down: Double
    var contraction_per_pair: Double
    var kappa: Double
  }

  var crossed_swords: [String: Swords]
  var zero_shifting_deterministic: [String: Shifting]

  static let shared: DeviceFixtures = {
    // Tests of two modules read it: this file stands in both, once as a link.
    let url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/device_fixtures.json")
    return try! JSONDecoder().decode(DeviceFixtures.self, from: try! Data(contentsOf: url))
  }()

  /// The noise-free family that a fixture's name stands for.
  static func model(_ name: String) -> DeviceModel {
    var model: DeviceModel
    switch name {
    case "EcRam", "EcRamMO": model = DeviceModel.preset(name)!
    case "ReRamES_exp":
      model = DeviceModel.preset("ReRamES")!
      model.writeNoise = 0
    case "bench500":
      model = DeviceModel.preset("EcRamMO")!
      model.step = 0.004
    case "constant": model = DeviceModel(law: .constantStep, step: 0.01)
    case "soft_bounds": model = DeviceModel(law: .softBounds, step: 0.01)
    case "soft_bounds_updown0p2":
      model = DeviceModel(law: .softBounds, step: 0.01)
      model.upDown = 0.2
    case "pow2": model = DeviceModel(law: .powStep(gamma: 2), step: 0.01)
    default: preconditionFailure("no model for \(name)")
    }
    model.cycleToCycle = 0
    return model.withoutSpread()
  }
}
