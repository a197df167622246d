import SaltireCore

/// A row of weights that learns a noisy linear map, y = Σ w₀ x + γ, from random samples: the
/// experiment of Figures 1 to 3 of the paper on arrays.
public final class LinearTraining {
  public let matrix: any WeightMatrix
  private let targets: [Double]
  private let noise: Double
  private let rates: LearningRates
  private var random: RandomStream
  private let seen: Matrix
  private let inputs: Memory<Float>
  private let ascent: Memory<Float>
  private let product: AnalogProduct
  private var occasion: AnalogProduct.Occasion

  /// - Parameters:
  ///   - matrix: one row, with one column for each target.
  ///   - targets: w₀, one for each column.
  ///   - noise: standard deviation of γ.
  ///   - rates: the learning rates.
  ///   - periphery: the periphery of the forward product.
  ///   - seed: the seed of samples and reads.
  ///   - kernel: the compute kernel; all give the same bits.
  public init(
    _ matrix: any WeightMatrix, targets: [Double], noise: Double, rates: LearningRates,
    periphery: Periphery = .perfect, seed: UInt64, kernel: Kernel = .fastest
  ) {
    precondition(matrix.rows == 1 && matrix.columns == targets.count, "one column for each target")
    (self.matrix, self.targets, self.noise, self.rates) = (matrix, targets, noise, rates)
    random = RandomStream(seed: seed, name: "samples")
    seen = Matrix(rows: 1, columns: targets.count)
    (inputs, ascent) = (Memory(targets.count), Memory(1))
    product = AnalogProduct(periphery, lines: targets.count, kernel: kernel)
    occasion = .init(stream: KernelStream(seed: seed, name: "reads"), epoch: 0)
  }

  /// Trains on `count` more samples with inputs uniform in (−1, 1).
  public func train(samples count: Int) {
    let output = Memory<Float>(1)
    for _ in 0..<count {
      var target = noise > 0 ? noise * random.normal() : 0
      for index in targets.indices {
        let x = random.uniform(-1, 1)
        inputs[index] = Float(x)
        target += targets[index] * x
      }
      matrix.read(into: seen)
      occasion.epoch += 1
      product.multiply(
        seen, .forward, .init(inputs.pointer), into: output.pointer, scale: matrix.productScale,
        occasion)
      ascent[0] = Float(target) - output[0]
      matrix.learn(inputs: .init(inputs.pointer), ascent: .init(ascent.pointer), rates: rates)
    }
  }
}
