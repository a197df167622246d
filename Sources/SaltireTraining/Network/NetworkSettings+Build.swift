import SaltireCore
import SaltireCrossbar
import SaltireDevices

extension NetworkSettings {
  /// Draws the arrays, finds their references and builds the network. Networks with the same seed
  /// start with the same weights and, as far as their device families agree, with the same devices.
  func build(seed: UInt64, threads: Int) -> TextTraining {
    let layers = Self.layers(hidden: hidden, classes: corpus.vocabulary.count)
    let network = Network(
      layers.enumerated().map { ($0.element, matrix(of: $0.element, $0.offset, seed)) },
      forward: forward, backward: backward, seed: seed, threads: threads)
    var settings = training
    settings.seed = seed
    return TextTraining(network, on: corpus, settings, watching: watch)
  }

  private func matrix(of layer: Layer, _ index: Int, _ seed: UInt64) -> any WeightMatrix {
    let initial = Self.initial(layer, index, seed)
    if learning.rule == .digital {
      return DigitalMatrix(rows: layer.rows, columns: layer.columns, initial: initial)
    }
    let model = learning.transfer == nil ? device : coreDevice
    let core = CrosspointArray<Float>(
      model, rows: layer.rows, columns: layer.columns, seed: seed, name: "C\(index)")
    let largest = Double(initial.lazy.map(abs).max() ?? 1)
    let halfRange = (model.weightMax - model.weightMin) / 2
    let scale = Float(learning.omega.map { largest / ($0 * halfRange) } ?? 1)
    guard let transfer = learning.transfer else {
      return GradientDescentMatrix(
        core: core, reference: learning.reference, initial: initial, scale: scale,
        update: learning.update)
    }
    let fast = CrosspointArray<Float>(
      device, rows: layer.rows, columns: layer.columns, seed: seed, name: "A\(index)")
    return TransferMatrix(
      fast: fast, core: core, reference: learning.reference,
      coreReference: learning.coreReference, initial: initial, scale: scale, transfer: transfer,
      seed: seed, name: "layer \(index)")
  }

  /// Uniform within ±1/√(cells), the usual initialisation of digital networks.
  private static func initial(_ layer: Layer, _ index: Int, _ seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed, name: "initial weights \(index)")
    let fan = layer.kind == .longShortTermMemory ? layer.outputs : layer.inputs
    let bound = 1 / Double(fan).squareRoot()
    return (0..<layer.rows * layer.columns).map { _ in Float(random.uniform(-bound, bound)) }
  }
}
