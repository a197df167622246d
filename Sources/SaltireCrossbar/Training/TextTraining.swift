public import SaltireCore

/// Trains a network to predict the next character of a text, window by window; its state can be
/// saved and restored after any window.
///
/// The training part is split into as many sequences as a batch has. Each carries its state from
/// window to window and is reset at every epoch.
public final class TextTraining {
  public struct Settings: Sendable, Equatable {
    /// The number of parallel sequences.
    public var batch: Int
    /// The number of steps of backpropagation through time.
    public var unroll: Int
    /// The number of passes over the training part.
    public var epochs: Int
    /// The number of characters between points of the learning curve.
    public var report: Int
    /// The rates at the beginning and at the end; they decrease geometrically.
    public var rates: LearningRates
    public var finalRates: LearningRates
    /// The probability that a character to be learnt is replaced by a random one.
    public var labelNoise = 0.0
    /// Device time per window, in seconds.
    public var windowDuration = 0.0
    /// The number of windows between records of the traced weight.
    public var watchInterval = 1
    /// The seed of the label noise.
    public var seed: UInt64 = 1

    public init(
      batch: Int, unroll: Int, epochs: Int, report: Int, rates: LearningRates,
      finalRates: LearningRates? = nil
    ) {
      (self.batch, self.unroll, self.epochs, self.report) = (batch, unroll, epochs, report)
      self.rates = rates
      self.finalRates = finalRates ?? rates
    }
  }

  public let network: Network
  public let corpus: TextCorpus
  public let settings: Settings
  /// The learning curve so far; its first point is the untrained network.
  public private(set) var points: [CurvePoint] = []
  /// The trace of the weight, if one is traced.
  public private(set) var trace: WeightTrace?
  /// The number of characters trained so far.
  public private(set) var characters = 0
  private var epoch = 0
  private var window = 0
  private var windows = 0
  private var recent = Score()

  /// - Precondition: the training part has at least one window for each
  ///   sequence (``windowsPerEpoch``).
  public init(
    _ network: Network, on corpus: TextCorpus, _ settings: Settings, watching: WeightTrace? = nil
  ) {
    (self.network, self.corpus, self.settings, trace) = (network, corpus, settings, watching)
    precondition(windowsPerEpoch > 0, "the text is shorter than one window")
  }

  public var windowsPerEpoch: Int {
    (corpus.train.count / settings.batch - 1) / settings.unroll
  }

  private var charactersPerEpoch: Int { windowsPerEpoch * settings.unroll * settings.batch }

  /// Whether all epochs are complete.
  public var isDone: Bool { epoch == settings.epochs }

  /// The completed fraction, 0 to 1.
  public var progress: Double {
    Double(characters) / Double(charactersPerEpoch * settings.epochs)
  }

  /// Trains one window.
  ///
  /// - Returns: a point of the learning curve if one is due: the first before any training.
  public func advance() -> CurvePoint? {
    if points.isEmpty { return report() }
    guard !isDone else { return nil }
    if window == 0 { network.forgetStates() }
    recent = recent + network.train(sequences(window), rates: rates)
    if settings.windowDuration > 0 { network.elapse(settings.windowDuration) }
    let before = characters
    characters += settings.unroll * settings.batch
    look()
    window += 1
    windows += 1
    if window == windowsPerEpoch {
      window = 0
      epoch += 1
    }
    let isDue = characters / settings.report > before / settings.report
    return isDue || isDone ? report() : nil
  }

  /// The rates of the next window.
  public var rates: LearningRates {
    func between(_ first: Double, _ last: Double) -> Double {
      first > 0 ? first * power(last / first, progress) : last
    }
    return LearningRates(
      fast: between(settings.rates.fast, settings.finalRates.fast),
      core: between(settings.rates.core, settings.finalRates.core))
  }

  private func sequences(_ window: Int) -> Sequences {
    let length = corpus.train.count / settings.batch
    var inputs: [Int32] = []
    var targets: [Int32] = []
    inputs.reserveCapacity(settings.batch * settings.unroll)
    targets.reserveCapacity(settings.batch * settings.unroll)
    for sequence in 0..<settings.batch {
      let first = sequence * length + window * settings.unroll
      inputs += corpus.train[first..<first + settings.unroll]
      targets += corpus.train[first + 1..<first + settings.unroll + 1]
    }
    if settings.labelNoise > 0 {
      var random = RandomStream(seed: settings.seed, name: "labels \(windows)")
      let classes = Double(corpus.vocabulary.count)
      for index in targets.indices where random.uniform() < settings.labelNoise {
        targets[index] = Int32(random.uniform(0, classes))
      }
    }
    return Sequences(
      count: settings.batch, steps: settings.unroll, inputs: .classes(inputs), targets: targets)
  }

  private func look() {
    guard var trace, windows % settings.watchInterval == 0 else { return }
    let (fast, core) = network.matrices[trace.layer].weights(row: trace.row, column: trace.column)
    trace.values += [Double(characters), Double(fast), Double(core)]
    self.trace = trace
  }

  private func report() -> CurvePoint {
    let score = network.evaluate(testWindows())
    let point = CurvePoint(
      characters: characters, epoch: Double(characters) / Double(charactersPerEpoch),
      train: recent.steps > 0 ? recent.mean : score.mean, test: score.mean,
      accuracy: Double(score.correct) / Double(score.steps), pulses: network.pulses)
    recent = Score()
    points.append(point)
    return point
  }

  private func testWindows() -> some Sequence<Sequences> {
    let (test, size) = (corpus.test, settings.unroll)
    return stride(from: 0, to: test.count - 1, by: size).lazy.map { first in
      let steps = min(size, test.count - 1 - first)
      return Sequences(
        count: 1, steps: steps, inputs: .classes(Array(test[first..<first + steps])),
        targets: Array(test[first + 1..<first + steps + 1]))
    }
  }

  // MARK: Record

  /// Saves everything that training changes.
  public func save(_ record: inout RecordWriter) {
    for value in [epoch, window, windows, characters, recent.steps, recent.correct] {
      record.count(value)
    }
    record.number(recent.crossEntropy)
    record.count(points.count)
    for point in points { record.numbers(point.values) }
    record.numbers(trace?.values ?? [])
    network.save(&record)
  }

  /// Restores the state of a training with the same network, text and settings.
  public func restore(_ record: inout RecordReader) throws(RecordError) {
    epoch = try record.count()
    window = try record.count()
    windows = try record.count()
    characters = try record.count()
    recent.steps = try record.count()
    recent.correct = try record.count()
    recent.crossEntropy = try record.number()
    points = []
    for _ in 0..<(try record.count()) { points.append(try CurvePoint(&record)) }
    let values = try record.numbers()
    trace?.values = values
    try network.restore(&record)
    guard epoch <= settings.epochs, window < windowsPerEpoch else {
      throw RecordError(expected: "a window of this text")
    }
  }
}
