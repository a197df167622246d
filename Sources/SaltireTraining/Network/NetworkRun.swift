public import Foundation
import SaltireCore
import SaltireCrossbar
public import SaltireRecords

/// An event during training.
public enum NetworkEvent: Sendable, Equatable {
  /// The training of a network starts or is resumed.
  case network(label: String)
  /// A point of its learning curve.
  case point(label: String, epoch: Double, train: Double, test: Double)
  /// The completed fraction of all networks.
  case progress(Double)
}

/// Trains the networks of a protocol, records their learning curves, and writes checkpoints from
/// which another run can resume.
public final class NetworkRun {
  private let networks: NetworkProtocol
  private let seed: UInt64
  private let threads: Int
  private var finished: [Curve] = []
  private var current: TextTraining?
  private var index = 0

  /// The results of one network.
  struct Curve: Sendable {
    var points: [CurvePoint] = []
    var trace: [Double] = []
  }

  public init(_ networks: NetworkProtocol, seed: UInt64, threads: Int) {
    (self.networks, self.seed, self.threads) = (networks, seed, threads)
  }

  /// Seconds between checkpoints.
  private static let interval = 60.0

  /// Runs until the end, or until the task is cancelled.
  ///
  /// - Parameters:
  ///   - session: records the curves; nil to record none.
  ///   - checkpoint: the checkpoint file, also written on cancellation; nil for none.
  ///   - watch: called with events.
  /// - Returns: the outcome; nil if cancelled.
  /// - Throws: ``CheckpointError``, ``SessionError``.
  public func run(
    session: Session? = nil, checkpoint: URL? = nil,
    watch: (NetworkEvent) -> Void = { _ in }
  ) throws -> NetworkOutcome? {
    for (index, curve) in finished.enumerated() { try note(curve, of: index, session) }
    var saved = HostTime.monotonic
    while index < networks.variants.count {
      let label = networks.variants[index].label
      try session?.add(.phase(label))
      watch(.network(label: label))
      let training =
        current ?? networks.variants[index].settings.build(seed: seed, threads: threads)
      var noted = training.trace?.values.count ?? 0
      if current != nil { try note(curve(training), of: index, session) }
      current = training
      while !training.isDone {
        if Task.isCancelled {
          if let checkpoint { try save(to: checkpoint) }
          return nil
        }
        if let point = training.advance() {
          let values = training.trace?.values ?? []
          try note(
            Curve(points: [point], trace: Array(values[noted...])), of: index, session)
          noted = values.count
          watch(.point(label: label, epoch: point.epoch, train: point.train, test: point.test))
        }
        watch(.progress((Double(index) + training.progress) / Double(networks.variants.count)))
        if let checkpoint, HostTime.monotonic - saved > Self.interval {
          try save(to: checkpoint)
          saved = HostTime.monotonic
        }
      }
      finished.append(curve(training))
      current = nil
      index += 1
    }
    if let checkpoint { try save(to: checkpoint) }
    return outcome
  }

  private func curve(_ training: TextTraining) -> Curve {
    Curve(points: training.points, trace: training.trace?.values ?? [])
  }

  private func note(
    _ curve: Curve, of index: Int, _ session: Session?
  ) throws(SessionError) {
    let label = networks.variants[index].label
    if !curve.points.isEmpty {
      try session?.add(.rows(CurveTable.table(of: label), curve.points.flatMap(\.values)))
    }
    if !curve.trace.isEmpty {
      try session?.add(.rows(TracedWeightTable.table(of: label), curve.trace))
    }
  }

  /// The results of the completed networks.
  private var outcome: NetworkOutcome {
    let corpus = networks.variants[0].settings.corpus
    return NetworkOutcome(
      networks: zip(networks.variants, finished).compactMap { variant, curve in
        guard let last = curve.points.last else { return nil }
        let layers = NetworkSettings.layers(
          hidden: variant.settings.hidden, classes: variant.settings.corpus.vocabulary.count)
        return NetworkOutcome.Trained(
          label: variant.label, rule: variant.settings.learning.rule.rawValue,
          weights: layers.reduce(0) { $0 + $1.rows * $1.columns }, characters: last.characters,
          epochs: last.epoch, testCrossEntropy: last.test,
          leastCrossEntropy: curve.points.map(\.test).min() ?? last.test,
          trainCrossEntropy: last.train, accuracy: last.accuracy, pulses: last.pulses)
      }, unigramCrossEntropy: corpus.unigramCrossEntropy, vocabulary: corpus.vocabulary.count)
  }

  /// The number of pulses applied to all devices so far.
  public var pulses: Int {
    finished.reduce(current?.network.pulses ?? 0) { $0 + ($1.points.last?.pulses ?? 0) }
  }

  // MARK: Checkpoints

  private func save(to url: URL) throws(CheckpointError) {
    var record = RecordWriter()
    record.text(networks.fingerprint)
    record.word(seed)
    record.count(finished.count)
    for curve in finished {
      record.count(curve.points.count)
      for point in curve.points { record.numbers(point.values) }
      record.numbers(curve.trace)
    }
    record.byte(current == nil ? 0 : 1)
    current?.save(&record)
    try Checkpoint.write(record, to: url)
  }

  /// Resumes the training of a checkpoint.
  ///
  /// - Throws: ``CheckpointError`` if it belongs to another training.
  public func resume(_ url: URL) throws(CheckpointError) {
    var record = try Checkpoint.read(url)
    let isOurs = try? record.text() == networks.fingerprint && record.word() == seed
    guard isOurs == true else { throw .foreign(path: url.relativePath) }
    do throws(RecordError) {
      let count = try record.count()
      guard count <= networks.variants.count else {
        throw RecordError(expected: "at most \(networks.variants.count) networks")
      }
      var curves: [Curve] = []
      for _ in 0..<count {
        var curve = Curve()
        for _ in 0..<(try record.count()) { curve.points.append(try CurvePoint(&record)) }
        curve.trace = try record.numbers()
        curves.append(curve)
      }
      var training: TextTraining?
      if try record.byte() == 1 {
        training = networks.variants[count].settings.build(seed: seed, threads: threads)
        try training?.restore(&record)
      }
      try record.finish()
      (finished, current, index) = (curves, training, count)
    } catch {
      throw .damaged(path: url.relativePath, expected: error.expected)
    }
  }
}
