public import Foundation
import SaltireCore
import SaltireCrossbar
public import SaltireRecords

/// What a training tells while it goes on.
public enum NetworkEvent: Sendable, Equatable {
  /// A network begins, or is taken up.
  case network(label: String)
  /// A point of its learning curve.
  case point(label: String, epoch: Double, train: Double, test: Double)
  /// The part of all networks that is done.
  case progress(Double)
}

/// Trains the networks of a protocol, notes their learning curves, and puts the
/// training down at intervals so that another run can take it up.
public final class NetworkRun {
  private let networks: NetworkProtocol
  private let seed: UInt64
  private let threads: Int
  private var finished: [Curve] = []
  private var current: TextTraining?
  private var index = 0

  /// What one network has left behind.
  struct Curve: Sendable {
    var points: [CurvePoint] = []
    var trace: [Double] = []
  }

  public init(_ networks: NetworkProtocol, seed: UInt64, threads: Int) {
    (self.networks, self.seed, self.threads) = (networks, seed, threads)
  }

  /// Seconds from one checkpoint to the next.
  private static let interval = 60.0

  /// Runs to the end, or until the task is cancelled.
  ///
  /// - Parameters:
  ///   - session: where curves go; nil to keep none.
  ///   - checkpoint: where training is put down, also when it is cancelled;
  ///     nil for nowhere.
  ///   - watch: hears what goes on.
  /// - Returns: what there is; nil when cancelled.
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

  /// What there is of networks that have come to their end.
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

  /// Pulses to all devices so far.
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

  /// Takes up the training of a checkpoint.
  ///
  /// - Throws: ``CheckpointError`` where it is of another training.
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
