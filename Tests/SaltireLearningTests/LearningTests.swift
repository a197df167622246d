import SaltireCore
import SaltireDevices
import SaltireLearning
import Testing

@Suite struct UpdateManagementTests {
  struct Row: Sendable {
    var rate, input, error, step: Double
    var maximum, length: Int
    var errorGain, inputGain: Double
  }

  /// Computed by an independent implementation.
  @Test(arguments: [
    Row(
      rate: 0.01, input: 1.0, error: 1.0, step: 0.001, maximum: 31, length: 10, errorGain: 1.0,
      inputGain: 1.0),
    Row(
      rate: 0.01, input: 0.5, error: 0.02, step: 0.001, maximum: 31, length: 1,
      errorGain: 15.811388300841898, inputGain: 0.632455532033676),
    Row(
      rate: 0.1, input: 1.0, error: 1.0, step: 0.001, maximum: 31, length: 31,
      errorGain: 3.225806451612904, inputGain: 1.0000000000000002),
    Row(
      rate: 0.2, input: 0.9, error: 0.3, step: 0.004, maximum: 31, length: 14,
      errorGain: 3.2732683535398857, inputGain: 1.0910894511799618),
    Row(
      rate: 0.5, input: 1.0, error: 0.3, step: 0.004, maximum: 31, length: 31,
      errorGain: 4.032258064516129, inputGain: 1.0),
    Row(
      rate: 0.01, input: 1.0, error: 0.001, step: 0.001, maximum: 31, length: 1, errorGain: 100.0,
      inputGain: 0.1),
    Row(
      rate: 0.05, input: 0.7, error: 0.11, step: 0.00028214, maximum: 100, length: 14,
      errorGain: 8.975142046882807, inputGain: 1.4103794645101555),
    Row(
      rate: 1.0, input: 1.0, error: 1.0, step: 0.001, maximum: 10, length: 10, errorGain: 100.0,
      inputGain: 1.0),
  ])
  func matchesTheReference(row: Row) {
    let train = UpdateManagement(maximumLength: row.maximum).train(
      rate: row.rate, largestInput: row.input, largestError: row.error, granularity: row.step)
    #expect(train.length == row.length)
    #expect(abs(train.errorGain - row.errorGain) < 1e-9 * row.errorGain)
    #expect(abs(train.inputGain - row.inputGain) < 1e-9 * row.inputGain)
  }

  @Test func nothingToDoIsAnEmptyTrain() {
    let management = UpdateManagement()
    for (rate, input, error) in [(0.0, 1.0, 1.0), (0.1, 0, 1), (0.1, 1, 0)] {
      let train = management.train(
        rate: rate, largestInput: input, largestError: error, granularity: 0.01)
      #expect(train.length == 0)
    }
  }

  @Test func withoutManagementGainsAreEqualAndTheLengthIsFixed() {
    let train = UpdateManagement(maximumLength: 10, balancesGains: false, adaptsLength: false)
      .train(rate: 0.01, largestInput: 1, largestError: 0.1, granularity: 0.001)
    #expect(train == .init(length: 10, errorGain: 1, inputGain: 1))
  }
}

@Suite struct BitTrainTests {
  @Test func firesAsOftenAsItsProbability() {
    for seed in UInt64(1)...8 {
      var random = RandomStream(seed: seed)
      let count = 100_000
      let train = BitTrain(probability: 0.3, count: count, random: &random)
      let deviation = Double(train.pulses) - 0.3 * Double(count)
      #expect(abs(deviation) < 5 * (Double(count) * 0.3 * 0.7).squareRoot())
    }
  }

  @Test func certaintiesFireAlwaysOrNever() {
    var random = RandomStream(seed: 1)
    #expect(BitTrain(probability: 1, count: 130, random: &random) == BitTrain(full: 130))
    #expect(BitTrain(probability: 0, count: 130, random: &random).pulses == 0)
    #expect(BitTrain(full: 130).pulses == 130)
  }

  @Test func recordedWordsMustFit() {
    let train = BitTrain((0..<70).map { $0 % 3 == 0 })
    #expect(BitTrain(count: 70, recorded: train.words) == train)
    #expect(BitTrain(count: 70, recorded: [1]) == nil)
    #expect(BitTrain(count: 70, recorded: [0, 1 << 6]) == nil)
    #expect(BitTrain(count: -1, recorded: []) == nil)
    #expect(train[69] && !train[68])
  }
}

@Suite struct HalfBiasTests {
  private let scale = UpdateManagement.Train(length: 31, errorGain: 1, inputGain: 1)

  @Test func signsGoToTheirPhases() {
    var random = RandomStream(seed: 5)
    let phases = HalfBiasPhase.phases(
      inputs: [0.5, -0.5, 0], ascent: [0.2, -0.3], train: scale, random: &random)
    #expect(phases.map(\.direction) == [.up, .up, .down, .down])
    #expect(phases.map { $0.rows.map(\.index) } == [[0], [1], [1], [0]])
    #expect(phases.map { $0.columns.map(\.index) } == [[0], [1], [0], [1]])
  }

  @Test func aLineKeepsOneTrainInEveryPhase() {
    var random = RandomStream(seed: 6)
    let phases = HalfBiasPhase.phases(
      inputs: [0.5], ascent: [0.4, -0.4], train: scale, random: &random)
    #expect(phases.count == 2)
    #expect(phases[0].columns == phases[1].columns)
  }

  @Test func noSignalNoPhase() {
    var random = RandomStream(seed: 7)
    let empty = UpdateManagement.Train(length: 0, errorGain: 1, inputGain: 1)
    for (inputs, ascent, train) in [
      ([0.0, 0], [1.0], scale), ([1], [0], scale), ([1], [1], empty),
    ] {
      #expect(
        HalfBiasPhase.phases(inputs: inputs, ascent: ascent, train: train, random: &random)
          .isEmpty)
    }
  }

  /// E[coincidences] = rate·δx/step, over 8 seeds of 20,000 trains, within 4
  /// standard errors of a binomial count.
  @Test func coincidencesHaveTheirExpectation() {
    let (rate, step, x, g) = (0.05, 0.004, [0.7, -0.35], 0.3)
    let train = UpdateManagement().train(
      rate: rate, largestInput: 0.7, largestError: g, granularity: step)
    for seed in UInt64(1)...8 {
      var random = RandomStream(seed: seed)
      var sums = [0.0, 0.0]
      let draws = 20_000
      for _ in 0..<draws {
        let phases = HalfBiasPhase.phases(inputs: x, ascent: [g], train: train, random: &random)
        for phase in phases {
          let sign = phase.direction == .up ? 1.0 : -1.0
          let row = phase.rows[0].train
          for column in phase.columns {
            let hits = (0..<row.count).filter { row[$0] && column.train[$0] }.count
            sums[column.index] += sign * Double(hits)
          }
        }
      }
      for column in 0..<2 {
        let expected = rate * g * x[column] / step
        let probability = abs(expected) / Double(train.length)
        let deviation =
          (Double(train.length) * probability * (1 - probability) / Double(draws)).squareRoot()
        #expect(abs(sums[column] / Double(draws) - expected) < 4 * deviation)
      }
    }
  }
}

extension UpdateManagementTests {
  /// More pulses than any integer counts are as many as fit.
  @Test(arguments: [1e20, 1e300, .infinity] as [Double])
  func errorsBeyondAllMeasureFillTheTrain(error: Double) {
    let train = UpdateManagement(maximumLength: 31).train(
      rate: 0.05, largestInput: 1, largestError: error, granularity: 1e-3)
    #expect(train.length == 31)
  }
}

@Suite struct ScheduleTests {
  @Test func columnsTakeTurns() {
    let schedule = TransferSchedule(period: 10, inputs: 2)
    #expect(schedule.columns(after: 9).isEmpty)
    #expect(schedule.columns(after: 10) == 0..<1)
    #expect(schedule.columns(after: 20) == 1..<2)
    #expect(schedule.columns(after: 30) == 0..<1)
    #expect(TransferSchedule(period: 10, inputs: 2, allColumns: true).columns(after: 10) == 0..<2)
  }

  @Test func constantsOfTheSpiral() {
    let constants = HamiltonianConstants(
      fastRate: 0.05, coreRate: 0.2, inputPower: 1.0 / 3,
      schedule: TransferSchedule(period: 10, inputs: 2))
    #expect(abs(constants.stiffness - 0.016667) < 1e-6)
    #expect(abs(constants.mobility - 0.01) < 1e-12)
    #expect(abs(constants.period - 486.7) < 0.1)
    #expect(abs(constants.aspect - 0.7746) < 1e-4)
  }
}
