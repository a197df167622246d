import SaltireCore
import SaltireInstruments
import Testing

@testable import SaltireSimulation

@Suite struct LifetimeTests {
  /// A lab is made for every run; none may stay behind.
  @Test(arguments: ["keithley/2636b", "keysight/33522b"])
  func aCircuitGoesWithItsLab(name: String) throws {
    let (_, model) = try #require(Shelf.library.find(name))
    weak var left: Circuit?
    weak var channel: (any ChannelModel)?
    do {
      let circuit = Circuit()
      let made: any ChannelModel =
        model.currentRanges.isEmpty
        ? GeneratorChannel(model: model, circuit: circuit)
        : SourceMeterChannel(
          model: model, circuit: circuit, noise: 0, random: .init(seed: 1), lineFrequency: 50)
      circuit.add(made, at: "node")
      circuit.advance(1)
      (left, channel) = (circuit, made)
      withExtendedLifetime((circuit, made)) { #expect(left != nil && channel != nil) }
    }
    #expect(left == nil && channel == nil)
  }
}
