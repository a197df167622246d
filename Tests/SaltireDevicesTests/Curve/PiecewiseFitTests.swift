import Foundation
import SaltireCore
import Testing

@testable import SaltireDevices

@Suite struct PiecewiseFitTests {
  /// What a device of `model` shows when pulsed up from its lower bound and
  /// then down from its upper bound, on a scale of its own.
  private static func csv(
    _ model: DeviceModel, pulses: Int, seed: UInt64, header: Bool = false
  ) -> String {
    var random = RandomStream(seed: seed, name: "curve")
    var rising = model.draw(&random)
    var falling = rising
    rising.place(at: rising.weightMin)
    falling.place(at: falling.weightMax)
    var lines = header ? ["# made up", "after up, after down"] : []
    for _ in 0..<pulses {
      rising.pulse(.up, random: &random)
      falling.pulse(.down, random: &random)
      lines.append("\(3 + 2 * rising.apparentWeight),\(3 + 2 * falling.apparentWeight)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// From the weights of the fitted device to the curve's conductances.
  private static func map(of curve: MeasuredCurve) throws -> ConductanceMap {
    ConductanceMap(window: try PiecewiseFit(curve, segments: 10).range, weights: -1...1)
  }

  private static var source: DeviceModel {
    DeviceModel(law: .linearStep(gammaUp: 0.6, gammaDown: 0.6), step: 0.005)
  }

  @Test func aCleanCurveGivesItsDeviceBack() throws {
    let curve = try MeasuredCurve(Self.csv(Self.source, pulses: 900, seed: 1), file: "c.csv")
    let model = try curve.piecewiseStep(segments: 10)
    #expect(model.weightMin == -1 && model.weightMax == 1)
    #expect(abs(model.step / 0.005 - 1) < 0.02)
    #expect(model.writeNoise < 0.1 && model.cycleToCycle < 0.1)
    var random = RandomStream(seed: 1)
    let device = model.draw(&random)
    #expect(abs(try #require(device.symmetryPoint)) < 0.05)
    #expect(abs(try #require(device.kappa) / 0.6 - 1) < 0.15)
    let map = try Self.map(of: curve)
    #expect(abs(map.scale - 2) < 0.02 && abs(map.zero - 3) < 0.02)
  }

  /// The fitted device, pulsed as the measured one was, follows its curve.
  @Test func aNoisyCurveIsFollowed() throws {
    var source = Self.source
    source.writeNoise = 20
    source.cycleToCycle = 0.3
    for seed in 0..<8 {
      let curve = try MeasuredCurve(
        Self.csv(source, pulses: 800, seed: UInt64(seed), header: true), file: "n.csv")
      var model = try curve.piecewiseStep()
      let map = try Self.map(of: curve)
      // 20 steps of 0.005; the slow noise is too small beside it to be told.
      #expect(abs(model.writeNoise * model.step * map.scale / 2 / 0.1 - 1) < 0.2)
      model.writeNoise = 0
      model.cycleToCycle = 0
      var random = RandomStream(seed: 1)
      var device = model.draw(&random)
      var truth = DeviceFixtures.model("constant")
      truth.law = Self.source.law
      truth.step = 0.005
      var original = truth.draw(&random)
      device.place(at: -1)
      original.place(at: -1)
      for _ in 0..<600 {
        device.pulse(.up, random: &random)
        original.pulse(.up, random: &random)
        let difference = map.conductance(device.weight) - (3 + 2 * original.weight)
        // A tenth of the range of 4.
        #expect(abs(difference) < 0.4)
      }
    }
  }

  /// Noise that adds up from pulse to pulse is not taken for that of reading.
  @Test func cycleToCycleNoiseIsToldFromWriteNoise() throws {
    var source = Self.source
    source.cycleToCycle = 3
    source.writeNoise = 2
    let found = try (0..<8).map { seed in
      try MeasuredCurve(Self.csv(source, pulses: 1_500, seed: UInt64(seed)), file: "s.csv")
        .piecewiseStep().cycleToCycle
    }
    let mean = Moments(found).mean
    #expect(abs(mean / 3 - 1) < 0.25)
  }

  @Test func unequalStepsKeepTheirRatio() throws {
    var source = Self.source
    source.upDown = 0.3
    let curve = try MeasuredCurve(Self.csv(source, pulses: 1_200, seed: 1), file: "u.csv")
    let model = try curve.piecewiseStep()
    #expect(abs(model.upDown - 0.3) < 0.05)
  }

  @Test func emptyBinsWereCrossedByOnePulse() throws {
    var lines = (0..<12).map { "\(Double($0) / 100),\(Double(11 - $0) / 100)" }
    lines += (0..<12).map { "\(10 + Double($0) / 100),\(-10 - Double($0) / 100)" }
    lines += (0..<6).map { "\(-10.0 - Double($0)),\(10 + Double($0))" }
    let curve = try MeasuredCurve(
      recorded: lines.joined(separator: "\r\n"), file: "gap.csv")
    let model = try curve.piecewiseStep(segments: 8)
    guard case .piecewiseStep(let up, let down) = model.law else {
      Issue.record("not piecewise")
      return
    }
    #expect(up.count == 9 && down.count == 9)
    #expect((up + down).allSatisfy { $0 > 0 && $0.isFinite })
    #expect(model.step > 0 && model.step <= 2)
  }

  /// Branches of their own lengths, and cycles: the mean of the cycles is one cycle of the device.
  @Test func cyclesGiveTheirMean() throws {
    let one = Self.csv(Self.source, pulses: 600, seed: 1)
    let single = try MeasuredCurve(one, file: "1.csv")
    let triple = try MeasuredCurve(one + one + one, file: "3.csv")
    #expect(triple.cycles == [single.cycles[0], single.cycles[0], single.cycles[0]])
    let (model, mean) = (try single.piecewiseStep(), try triple.piecewiseStep())
    #expect(mean.law == model.law && mean.step == model.step)
    #expect(abs(mean.writeNoise - model.writeNoise) <= 1e-9 * model.writeNoise)
  }

  @Test func branchesOfTheirOwnLengthsAreUsedWhole() throws {
    let curve = try MeasuredCurve(Self.csv(Self.source, pulses: 900, seed: 1), file: "c.csv")
    let cut = curve.cycles[0].down.prefix(700)
    let lines = curve.cycles[0].up.enumerated().map {
      "\($0.element),\($0.offset < 700 ? "\(cut[$0.offset])" : "")"
    }
    let ragged = try MeasuredCurve(lines.joined(separator: "\n"), file: "r.csv")
    #expect(ragged.cycles[0].up == curve.cycles[0].up && ragged.cycles[0].down == Array(cut))
    let model = try ragged.piecewiseStep()
    #expect(abs(model.step / 0.005 - 1) < 0.15)
  }

  @Test(arguments: [0, 1, 901])
  func refusedSegments(segments: Int) throws {
    let curve = try MeasuredCurve(Self.csv(Self.source, pulses: 900, seed: 1), file: "c.csv")
    #expect(throws: MeasuredCurveError.self) { try curve.piecewiseStep(segments: segments) }
  }

  /// Whatever bytes a file holds, it is read or refused, and a curve that is
  /// read gives a usable device or a reason.
  @Test func mutatedFilesNeverCrash() {
    var source = Self.source
    source.step = 0.1
    source.writeNoise = 0.5
    let original = Array(Self.csv(source, pulses: 30, seed: 1, header: true).utf8)
    let interesting = Array("0123456789.,-+eE#\n\r \tnainfx\"".utf8) + [0, 0xFF, 0xEF, 0xBB, 0xBF]
    var random = RandomStream(seed: 42)
    var accepted = 0
    var refused = 0
    for _ in 0..<3_000 {
      let bytes = mutated(original, with: interesting, &random)
      do throws(MeasuredCurveError) {
        let curve = try MeasuredCurve(
          CurveText.decoded(bytes, file: "fuzz"), file: "fuzz")
        let model = try curve.piecewiseStep(segments: 5)
        var device = model.draw(&random)
        device.pulse(.up, random: &random)
        #expect(device.weight.isFinite)
        accepted += 1
      } catch {
        #expect(!error.message.isEmpty)
        refused += 1
      }
    }
    #expect(accepted > 100 && refused > 100)
  }
}
