import Foundation
import SaltireAnalysis
import SaltireCore
import SaltireDevices
import Testing

@Suite struct CrossedSwordsTests {
  @Test(arguments: [
    ("EcRam", 0.1153, 0.5085, 1300), ("EcRamMO", 0.4152, 0.7342, 10_000),
  ])
  func noiseFreeDevicesAreRecovered(name: String, up: Double, down: Double, pulses: Int) throws {
    var model = DeviceModel.preset(name)!.withoutSpread()
    model.cycleToCycle = 0
    var random = RandomStream(seed: 1)
    var device = model.draw(&random)
    let swords = try CrossedSwords(
      response(of: &device, pulses: pulses, cycles: 2, readNoise: 0, random: &random))
    #expect(abs(swords.gammaUp / up - 1) < 1e-3)
    #expect(abs(swords.gammaDown / down - 1) < 1e-3)
    let truth = try #require(device.symmetryPoint)
    let range = device.weightMax - device.weightMin
    let found = try #require(swords.symmetryPoint)
    #expect(abs(found.value - truth) < 1e-3 * range)
    #expect(abs(swords.window.min - device.weightMin) < 1e-9)
    #expect(abs(swords.window.max - device.weightMax) < 1e-9)
  }

  /// 100 drawn devices, 10 cycles, read noise 0.005: the 95 % interval holds
  /// the truth in at least 88, the standard error is within 0.7 … 1.5 of the
  /// rms error, and that is at most 0.015 weight units.
  @Test func standardErrorsAreCalibrated() throws {
    var covered = 0
    var squares = 0.0
    var variances = 0.0
    for index in UInt64(0)..<100 {
      var random = RandomStream(seed: 100 + index / 4, stream: index % 4)
      var device = bench500().draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 600, cycles: 10, readNoise: 0.005, random: &random))
      let found = try #require(swords.symmetryPoint)
      let truth = try #require(device.symmetryPoint)
      let error = found.value - truth
      if abs(error) < 1.96 * found.standardError { covered += 1 }
      squares += error * error
      variances += found.standardError * found.standardError
    }
    let rms = (squares / 100).squareRoot()
    let ratio = (variances / squares).squareRoot()
    print("swords: covered \(covered) rms \(rms) ratio \(ratio)"); #expect(covered >= 88)
    #expect(rms <= 0.015)
    #expect(ratio > 0.7 && ratio < 1.5)
  }

  /// Reads without any effect of pulses are told from every device that responds, however short the
  /// train: of 400 still ones at most 2 pass for responsive (expected: 1 in 740), of 400 that move
  /// by a few times the noise none for still.
  @Test(arguments: [15, 40, 600])
  func aDeviceThatNoPulseMovesIsTold(pulses: Int) throws {
    var missed = 0
    for seed in UInt64(0)..<400 {
      var random = RandomStream(seed: seed, name: "still")
      let still = PulseResponse(
        branches: [PulseDirection.up, .down].map { direction in
          Branch(
            direction: direction, conductances: (0...pulses).map { _ in 1 + 0.01 * random.normal() }
          )
        })
      if (try? CrossedSwords(still)) != nil { missed += 1 }
      do { _ = try CrossedSwords(still) } catch { if error != .unresponsive { missed += 1 } }
      var model = bench500().withoutSpread()
      model.cycleToCycle = 0.3
      var device = model.draw(&random)
      let moving = response(
        of: &device, pulses: pulses, cycles: 1, readNoise: Double(pulses) / 2000, random: &random)
      do { _ = try CrossedSwords(moving) } catch { #expect(error != .unresponsive) }
    }
    #expect(missed <= 2)
  }

  @Test func noisesAreTold() throws {
    for seed in UInt64(1)...8 {
      var random = RandomStream(seed: seed)
      var device = bench500().withoutSpread().draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 600, cycles: 10, readNoise: 0.005, random: &random))
      #expect(abs(swords.cycleToCycle / 0.3 - 1) < 0.1, "\(swords.cycleToCycle)")
      #expect(abs(swords.readNoise / 0.005 - 1) < 0.05, "\(swords.readNoise)")
      #expect(abs(swords.kappa / 0.6203 - 1) < 0.05, "\(swords.kappa)")
      #expect(abs(swords.states / 500 - 1) < 0.03, "\(swords.states)")
    }
  }

  @Test func constantStepsHaveNoSymmetryPoint() throws {
    for seed in UInt64(1)...16 {
      var random = RandomStream(seed: seed)
      var model = DeviceModel.preset("GokmenVlasov")!.withoutSpread()
      model.step = 0.004
      var device = model.draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 600, cycles: 3, readNoise: 0.005, random: &random))
      #expect(swords.symmetryPoint == nil)
      #expect(swords.verdict == .parallel)
    }
  }

  @Test func curvedStepsCrossWhereTheyShould() throws {
    var squares = 0.0
    for seed in UInt64(1)...8 {
      var random = RandomStream(seed: seed)
      var model = DeviceModel(law: .powStep(gamma: 2), step: 0.01)
      model.cycleToCycle = 0.3
      model.upDown = 0.1
      var device = model.draw(&random)
      let truth = try #require(device.symmetryPoint)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 800, cycles: 6, readNoise: 0.003, random: &random))
      let found = try #require(swords.symmetryPoint)
      squares += (found.value - truth) * (found.value - truth)
    }
    #expect((squares / 8).squareRoot() < 0.02)
  }

  @Test func tooLittleIsUndetermined() {
    let few = PulseResponse(branches: [
      Branch(direction: .up, conductances: [0, 0.5, 1]),
      Branch(direction: .down, conductances: [1, 0.5, 0]),
    ])
    #expect(throws: NoSymmetryPoint.undetermined) { try CrossedSwords(few) }
    let flat = PulseResponse(branches: [
      Branch(direction: .up, conductances: [Double](repeating: 1, count: 100)),
      Branch(direction: .down, conductances: [Double](repeating: 1, count: 100)),
    ])
    #expect(throws: NoSymmetryPoint.unresponsive) { try CrossedSwords(flat) }
    #expect(throws: NoSymmetryPoint.undetermined) { try CrossedSwords(PulseResponse(branches: [])) }
  }
}
