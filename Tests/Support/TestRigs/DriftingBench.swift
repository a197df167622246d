import SaltireBenches
import SaltireDevices
package import SaltireExperiments
package import SaltirePrograms
import SaltireSimulation
import Synchronization
import Testing

/// A bench of models on which the up pulses of one device grow once training
/// has begun, so that its symmetry point moves; where to is known.
package final class DriftingBench: Bench {
  private let inner: ModelBench
  private let site: Wiring.Site
  private let response: GateResponse
  private let state = Mutex((hasBegun: false, hasRecovered: false, programs: [Program]()))
  /// Volts that every up pulse grows by.
  private let excess: Double
  /// After so many seconds of rest in one program it is as it was.
  private let recovery: Double

  /// - Parameter drift: how far the symmetry point of `device` moves, in weight
  ///   units of half its range.
  package init(
    _ device: String, drift: Double, seed: UInt64, recovery: Double = .infinity,
    _ settings: [String] = []
  ) throws {
    let file = try Shipped.bench("model", settings)
    let devices = try #require(file.devices)
    inner = ModelBench(wiring: file.wiring, devices: devices, seed: seed)
    site = try #require(file.wiring.site(device))
    response = devices.response
    self.recovery = recovery
    let drawn = try #require(inner.devices[device]).device
    let start = try #require(drawn.symmetryPoint)
    let wanted = start + drift * (drawn.weightMax - drawn.weightMin) / 2
    var (low, high) = (-1.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if Self.symmetryPoint(of: drawn, response, excess: middle) < wanted {
        low = middle
      } else {
        high = middle
      }
    }
    excess = (low + high) / 2
  }

  /// Where the device's symmetry point is since training began, siemens.
  package var driftedPoint: Double {
    let drawn = inner.devices[site.device]!
    return drawn.map.conductance(
      Self.symmetryPoint(of: drawn.device, response, excess: excess))
  }

  /// That of a device that does not drift.
  package func symmetryPoint(_ device: String) -> Double {
    let drawn = inner.devices[device]!
    return drawn.map.conductance(drawn.device.symmetryPoint!)
  }

  package var programs: [Program] { state.withLock { $0.programs } }
  package var wiring: Wiring { inner.wiring }

  /// Hears the run go on.
  package func hear(_ event: RunEvent) {
    if event == .phase("training") { state.withLock { $0.hasBegun = true } }
  }

  package func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    let grows = state.withLock { state in
      state.programs.append(program)
      return state.hasBegun && !state.hasRecovered
    }
    if grows, case .rest(let seconds)? = program.steps.first, seconds >= recovery {
      state.withLock { $0.hasRecovered = true }
    }
    return try await inner.prepare(grows ? Program(program.steps.map(grown)) : program)
  }

  package func makeSafe() async -> SafeReport { await inner.makeSafe() }

  private func grown(_ step: Step) -> Step {
    switch step {
    case .train(var train):
      for index in train.lines.indices
      where train.lines[index].terminal == site.gate && train.lines[index].level > 0 {
        train.lines[index].level += excess
      }
      return .train(train)
    case .repeat(let count, let body): return .repeat(count, body.map(grown))
    default: return step
    }
  }

  /// The weight at which grown up steps and down steps are equal, of a linear
  /// law.
  private static func symmetryPoint(
    of device: Device, _ response: GateResponse, excess: Double
  ) -> Double {
    let gain = response.scale(voltage: response.voltage + excess, width: response.width)
    let law = device.parameters
    return (gain * law.scaleUp - law.scaleDown) / (law.slopeDown - gain * law.slopeUp)
      - law.reference
  }
}
