import SaltireCore
import SaltireDevices
import SaltireLearning
import Testing

@testable import SaltireCrossbar

/// Arrays against devices pulsed one by one, as SaltireDevices and
/// SaltireLearning do it: other code, other random numbers.
@Suite struct PulseStatisticsTests {
  /// 10,000 updates of random signs on drawn devices; each device of the array
  /// has a twin with the same hidden parameters.
  @Test(arguments: Models.names)
  func weightsAfterTenThousandUpdates(name: String) {
    let size = 20
    let array = CrosspointArray<Float>(
      Models.named(name), rows: size, columns: size, seed: 11, name: "A")
    var twins = array.drawn()
    let update = PulsedUpdate(management: UpdateManagement(maximumLength: 5, adaptsLength: false))
    let rate = 0.25 * array.model.granularity
    var random = RandomStream(seed: 12)
    var twinRandom = RandomStream(seed: 13)
    for _ in 0..<10_000 {
      let inputs = (0..<size).map { _ in Float(random.uniform(-1, 1)) }
      let ascent = (0..<size).map { _ in Float(random.uniform(-1, 1)) }
      array.update(update, rate: rate, inputs: inputs, ascent: ascent)
      let train = update.management.train(
        rate: rate, largestInput: Double(inputs.map(abs).max()!),
        largestError: Double(ascent.map(abs).max()!), granularity: array.model.granularity)
      let phases = HalfBiasPhase.phases(
        inputs: inputs.map(Double.init), ascent: ascent.map(Double.init), train: train,
        random: &twinRandom)
      for phase in phases {
        for row in phase.rows {
          for column in phase.columns {
            for _ in 0..<row.train.coincidences(with: column.train).pulses {
              twins[row.index * size + column.index].pulse(phase.direction, random: &twinRandom)
            }
          }
        }
      }
    }
    let weights = array.weights.map(Double.init)
    #expect(kolmogorovSmirnov(weights, twins.map(\.apparentWeight)) > 0.001)
    // Something has happened, or the comparison would say nothing.
    #expect(moments(weights).variance > 1e-3)
  }

  /// Counts of coincidences: binomial with the product of both probabilities.
  @Test func coincidencesAreBinomial() {
    let length = 37
    let size = 64
    let model = DeviceModel(law: .constantStep, step: 1, weightMin: -1000, weightMax: 1000)
    let (x, d) = (0.6, 0.7)
    var counts: [Double] = []
    for seed in 0..<8 as Range<UInt64> {
      let array = CrosspointArray<Float>(model, rows: size, columns: size, seed: seed, name: "A")
      let update = PulsedUpdate(
        management: UpdateManagement(
          maximumLength: length, balancesGains: false, adaptsLength: false))
      // Rate = length x step: both gains are 1.
      array.update(
        update, rate: Double(length), inputs: [Float](repeating: Float(x), count: size),
        ascent: [Float](repeating: Float(d), count: size))
      // One device of each line is independent of the others.
      for line in 0..<size { counts.append(Double(array[line, line])) }
    }
    let p = x * d
    let mean = Double(length) * p
    let (found, variance) = moments(counts)
    let n = Double(counts.count)
    #expect(abs(found - mean) < 4 * (mean * (1 - p) / n).squareRoot())
    #expect(abs(variance / (mean * (1 - p)) - 1) < 4 * (2 / n).squareRoot())
    // Exact distribution, by chi-square over its middle.
    var probability = [Double](repeating: 0, count: length + 1)
    probability[0] = (0..<length).reduce(1.0) { value, _ in value * (1 - p) }
    for k in 1...length {
      probability[k] =
        probability[k - 1] * Double(length - k + 1) / Double(k) * p / (1 - p)
    }
    var (square, classes) = (0.0, 0)
    for k in 0...length where probability[k] * n > 8 {
      let seen = Double(counts.count { $0 == Double(k) })
      square += (seen - probability[k] * n) * (seen - probability[k] * n) / (probability[k] * n)
      classes += 1
    }
    #expect(classes > 8)
    #expect(square < Double(classes) + 4 * (2 * Double(classes)).squareRoot())
  }

  /// E[Δw] = rate δ x within three standard errors, over many updates.
  @Test(arguments: PulsedUpdate.Kind.allCases)
  func theMeanChangeIsTheProduct(kind: PulsedUpdate.Kind) {
    let model = DeviceModel(law: .constantStep, step: 0.001, weightMin: -1e6, weightMax: 1e6)
    let array = CrosspointArray<Float>(model, rows: 4, columns: 3, seed: 2, name: "A")
    let inputs: [Float] = [0.9, -0.4, 0.1]
    let ascent: [Float] = [0.8, -0.7, 0.25, 0]
    let updates = 20_000
    let rate = 0.02
    for _ in 0..<updates {
      array.update(PulsedUpdate(kind: kind), rate: rate, inputs: inputs, ascent: ascent)
    }
    for row in 0..<4 {
      for column in 0..<3 {
        let mean = Double(array[row, column]) / Double(updates)
        let wanted = rate * Double(inputs[column] * ascent[row])
        switch kind {
        case .stochastic, .fourPhase:
          // At most 15 slots, each of variance p(1 - p) below its mean.
          let error = (abs(wanted) * model.step / Double(updates)).squareRoot()
          #expect(abs(mean - wanted) <= 4 * error, "\(row) \(column)")
        case .meanCount, .deterministicImplicit:
          // Half a pulse of rounding each update; lines' own rounding for counts.
          #expect(abs(mean - wanted) <= model.step * (kind == .meanCount ? 1.1 : 0.5) + 3e-6)
        }
      }
    }
    #expect(array[3, 0] == 0)
  }
}
