import SaltireCore
import Testing

@testable import SaltireCrossbar

@Suite struct AnalogProductTests {
  /// Products one after the other, each with a counter of its own.
  private final class Rig {
    let matrix: Matrix
    let product: AnalogProduct
    let stream = KernelStream(seed: 4, name: "products")
    var epoch: UInt64 = 0

    init(_ periphery: Periphery, _ weights: [[Float]], kernel: Kernel = .fastest) {
      matrix = Matrix(rows: weights.count, columns: weights[0].count)
      matrix.fill(weights.flatMap { $0 })
      product = AnalogProduct(
        periphery, lines: max(matrix.rows, matrix.columns), kernel: kernel)
    }

    func callAsFunction(
      _ x: [Float], _ direction: AnalogProduct.Direction = .forward, scale: Float = 1
    ) -> [Float] {
      epoch += 1
      let (from, to) = (Memory<Float>(x.count), Memory<Float>(max(matrix.rows, matrix.columns)))
      from.values = x
      product.multiply(
        matrix, direction, .init(from.pointer), into: to.pointer, scale: scale,
        .init(stream: stream, epoch: epoch))
      let lines = direction == .forward ? matrix.rows : matrix.columns
      return Array(to.values.prefix(lines))
    }
  }

  private static func identity(_ count: Int) -> [[Float]] {
    (0..<count).map { row in (0..<count).map { $0 == row ? 1 : 0 } }
  }

  /// round(x/res)·res, halves away from zero, then the clip.
  private static func quantised(_ x: Float, resolution: Float, bound: Float) -> Float {
    min(max((x / resolution).rounded(.toNearestOrAwayFromZero) * resolution, -bound), bound)
  }

  @Test func convertersHaveTwoStepsLessThanTheirBitsCount() {
    #expect(Periphery.Converter(bound: 1, bits: 7).resolution == 1 / 63.0)
    #expect(Periphery.Converter(bound: 20, bits: 9).resolution == 40 / 510.0)
    #expect(Periphery.Converter(bound: 20).resolution == 0)
  }

  @Test(arguments: Kernel.available.map(\.name))
  func quantisationIsExact(name: String) throws {
    let kernel = try #require(Kernel.available.first { $0.name == name })
    var random = RandomStream(seed: 9)
    var values: [Float] = [0, 0.5, -0.5, 1 / 126, -1 / 126, 0.999, 1, -1, 1.2, -7, 0.4999999]
    for _ in 0..<200 { values.append(Float(random.uniform(-1.3, 1.3))) }
    // Each converter alone, with a matrix that changes nothing.
    let input = Rig(
      Periphery(
        input: .init(bound: 1, bits: 7), output: .init(bound: .infinity)),
      Self.identity(values.count), kernel: kernel)
    let output = Rig(
      Periphery(input: .init(bound: .infinity), output: .init(bound: 0.6, bits: 9)),
      Self.identity(values.count), kernel: kernel)
    let (seen, found) = (input(values), output(values))
    for (index, value) in values.enumerated() {
      #expect(seen[index] == Self.quantised(value, resolution: Float(1 / 63.0), bound: 1))
      #expect(found[index] == Self.quantised(value, resolution: Float(1.2 / 510), bound: 0.6))
    }
  }

  @Test func theOrderOfOperations() {
    // Scale 4, reductions 1 and 2: 2 inputs of 4 give 2 at first, beyond 1.5.
    var periphery = Periphery(input: .init(bound: 1, bits: 7), output: .init(bound: 1.5, bits: 9))
    periphery.noiseManagement = .largest()
    let clipped = Rig(periphery, [[1, 1]])
    #expect(clipped([4, 4]) == [6])
    periphery.boundManagement = .iterative
    let halved = Rig(periphery, [[1, 1]])
    let half = Self.quantised(0.5, resolution: Float(1 / 63.0), bound: 1)
    let read = Self.quantised(half + half, resolution: Float(3 / 510.0), bound: 1.5)
    #expect(halved([4, 4], scale: 0.5) == [read * 4 * 2 * 0.5])
    // Backward clips all the same.
    #expect(halved([3], .backward) == [3, 3])
    let transposed = Rig(periphery, [[1], [1]])
    #expect(transposed([4, 4], .backward) == [6])
    #expect(clipped([0, 0]) == [0])
  }

  /// Doubling ends where a quarter of the converter's steps are left.
  @Test func boundManagementGivesUp() {
    var periphery = Periphery(input: .init(bound: 1, bits: 7), output: .init(bound: 0.01))
    periphery.boundManagement = .iterative
    // Reductions to 15.75 may be doubled once more: 16.
    #expect(Rig(periphery, [[1]])([1]) == [Float(0.01) * 16])
    periphery.input.bits = nil
    #expect(Rig(periphery, [[1]])([1]).map { $0 > 0.99 } == [true])
  }

  /// 4 + 4 with weights of 1 make 8, the bound is 1.5: the scale is 16/3.
  @Test(arguments: [true, false])
  func theWorstCaseFitsTheBound(fromTheBeginning: Bool) {
    var periphery = Periphery(input: .init(bound: 1, bits: 7), output: .init(bound: 1.5, bits: 9))
    periphery.noiseManagement = fromTheBeginning ? .worstCase : .largest()
    periphery.boundManagement = fromTheBeginning ? .none : .worstCase
    periphery.assumedWeight = 1
    let input = Self.quantised(0.75, resolution: Float(1 / 63.0), bound: 1)
    let read = Self.quantised(2 * input, resolution: Float(3 / 510.0), bound: 1.5)
    #expect(abs(Rig(periphery, [[1, 1]])([4, 4])[0] - read * 16 / 3) < 1e-5)
    // What fits is left as it is, where bounds are managed.
    let small = Rig(periphery, [[0.25, 0.25]])([4, 4])[0]
    #expect(abs(small - 2) < 0.03)
    #expect(
      (small == Self.quantised(0.5, resolution: Float(3 / 510.0), bound: 1.5) * 4)
        == !fromTheBeginning)
  }

  /// Weights larger than assumed: halved from the worst case's scale on.
  @Test func halvingFollowsTheWorstCase() {
    var periphery = Periphery(input: .init(bound: 1, bits: 7), output: .init(bound: 1.5, bits: 9))
    periphery.noiseManagement = .largest()
    periphery.boundManagement = .iterative
    let halved = Rig(periphery, [[1, 1]])([4, 4])
    periphery.boundManagement = .worstCase
    // 8 · 0.6 / 1.5 is less than the largest input.
    #expect(Rig(periphery, [[1, 1]])([4, 4]) == halved)
    #expect(periphery.worstCaseScale(largest: 4, positive: 8, negative: 0) == 4)
    #expect(periphery.worstCaseScale(largest: 4, positive: 8, negative: 40) == 16)
    // No more than leaves a quarter of the converter's steps.
    #expect(periphery.worstCaseScale(largest: 1, positive: 1000, negative: 0) == 15.75)
    periphery.input.bits = nil
    #expect(periphery.worstCaseScale(largest: 1, positive: 1000, negative: 0) == 400)
    periphery.output.bound = .infinity
    #expect(periphery.worstCaseScale(largest: 1, positive: 1000, negative: 0) == 600)
    #expect(periphery.worstCaseScale(largest: 0, positive: 0, negative: 0) == 0)
  }

  @Test func noiseHasTheStatedSize() {
    let count = 40
    var periphery = Periphery.perfect
    periphery.outputNoise = 0.06
    let output = Rig(periphery, Self.identity(count))
    periphery.outputNoise = 0
    periphery.inputNoise = 0.03
    let input = Rig(periphery, Self.identity(count))
    periphery.inputNoise = 0
    periphery.weightNoise = 0.02
    let weight = Rig(periphery, Self.identity(count))
    let x = [Float](repeating: 0.5, count: count)
    let power = (Double(count) * 0.25).squareRoot()
    for (rig, size) in [(output, 0.06), (input, 0.03), (weight, 0.02 * power)] {
      let values = (0..<1000).flatMap { _ in rig(x).map { Double($0) - 0.5 } }
      let (mean, variance) = moments(values)
      #expect(abs(mean) < 4 * size / Double(values.count).squareRoot())
      #expect(abs(variance.squareRoot() / size - 1) < 0.01)
    }
  }

  @Test func roundingAtRandomIsRightOnAverage() {
    var periphery = Periphery(input: .init(bound: 1, bits: 4), output: .init(bound: .infinity))
    periphery.roundsAtRandom = true
    let rig = Rig(periphery, Self.identity(20))
    let values = (0..<2000).flatMap { _ in rig([Float](repeating: 0.3, count: 20)) }
    let (mean, variance) = moments(values.map(Double.init))
    // Steps of 1/7: 2/7 and 3/7.
    #expect(Set(values).count == 2)
    #expect(abs(mean - 0.3) < 4 * (variance / Double(values.count)).squareRoot())
  }

  /// Sizes that are no whole vectors, all kernels, both ways.
  @Test func productsAreThoseOfTheMatrix() {
    var random = RandomStream(seed: 3)
    let (rows, columns) = (70, 83)
    let weights = (0..<rows).map { _ in (0..<columns).map { _ in Float(random.uniform(-1, 1)) } }
    let x = (0..<columns).map { _ in Float(random.uniform(-1, 1)) }
    let d = (0..<rows).map { _ in Float(random.uniform(-1, 1)) }
    let results = Kernel.available.map { kernel -> [Float] in
      let rig = Rig(.perfect, weights, kernel: kernel)
      return rig(x) + rig(d, .backward)
    }
    #expect(results.allSatisfy { $0 == results[0] })
    for row in 0..<rows {
      let sum = (0..<columns).reduce(0.0) { $0 + Double(weights[row][$1]) * Double(x[$1]) }
      #expect(abs(Double(results[0][row]) - sum) < 1e-5)
    }
    for column in 0..<columns {
      let sum = (0..<rows).reduce(0.0) { $0 + Double(weights[$1][column]) * Double(d[$1]) }
      #expect(abs(Double(results[0][rows + column]) - sum) < 1e-5)
    }
  }
}
