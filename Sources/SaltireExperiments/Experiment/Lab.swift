public import SaltireCore
public import SaltirePrograms
public import SaltireRecords

/// What is around an experiment besides its bench.
public struct LabSurroundings {
  /// The experiment's own stream.
  public var random: RandomStream
  /// Keeps notes.
  public var record: (Note) throws(SessionError) -> Void
  /// Hears the lab time after every program.
  public var watch: (Double) -> Void
  /// Hears what the user should know now, while the run goes on.
  public var warn: (String) -> Void
  /// Whether the run is to end after the program under way.
  public var isStopping: () -> Bool
  /// What the run found when it was recorded; nil where it is not.
  public var recorded: Notebook?

  public init(
    random: RandomStream, recorded: Notebook? = nil,
    record: @escaping (Note) throws(SessionError) -> Void = { _ in },
    watch: @escaping (Double) -> Void = { _ in }, warn: @escaping (String) -> Void = { _ in },
    isStopping: @escaping () -> Bool = { false }
  ) {
    self.random = random
    self.recorded = recorded
    self.record = record
    self.watch = watch
    self.warn = warn
    self.isStopping = isStopping
  }
}

/// What an experiment works with: the bench, its random numbers, and what records its
/// notes.
public struct Lab<B: Bench> {
  public let bench: B
  /// The experiment's own stream.
  public var random: RandomStream
  /// Lab time at the end of the last program, seconds.
  public private(set) var time = 0.0
  private let surroundings: LabSurroundings

  /// A lab around `bench`.
  public init(_ bench: B, _ surroundings: LabSurroundings) {
    self.bench = bench
    self.surroundings = surroundings
    random = surroundings.random
  }

  public var wiring: Wiring { bench.wiring }

  /// Performs one program.
  ///
  /// - Throws: ``BenchError``; ``BenchError/cancelled`` when the task is, or the
  ///   run is to end.
  public mutating func perform(_ program: Program) async throws(BenchError) -> Observations {
    if Task.isCancelled || surroundings.isStopping() { throw .cancelled }
    let observations = try await bench.perform(program)
    time = observations.end
    surroundings.watch(time)
    return observations
  }

  /// Notes something down.
  ///
  /// - Throws: `SessionError` when it cannot be kept.
  public func note(_ note: Note) throws(BenchError) {
    do throws(SessionError) { try surroundings.record(note) } catch { throw .failed(error) }
  }

  /// Tells the user what should not wait for the end of the run.
  public func warn(_ message: String) { surroundings.warn(message) }

  /// Records what is found of a device or a run, and returns it.
  ///
  /// Later programs depend on it. A run that is recorded goes on with what it found then,
  /// however this version would analyse the same readings: so it replays, and is resumed,
  /// after the analysis has been improved. Where the two differ the user is told.
  ///
  /// - Parameters:
  ///   - finding: its declaration.
  ///   - subject: the device or the run.
  ///   - analyse: finds it. Where it throws, nothing is recorded.
  public func find<Value: Equatable, Failure>(
    _ finding: Finding<Value>, of subject: String, _ analyse: () throws(Failure) -> Value
  ) throws(BenchError) -> Result<Value, Failure> {
    var result = Result { () throws(Failure) in try analyse() }
    if let recorded = surroundings.recorded?.finding(finding, of: subject) {
      if case .success(recorded) = result {
      } else {
        warn(
          "this version analyses the readings of '\(finding.name) \(subject)' otherwise than the"
            + " one that recorded them; the run goes on with what was found then")
      }
      result = .success(recorded)
    }
    if case .success(let value) = result {
      try note(.finding(name: finding.name, subject: subject, json: JSONText.encode(value)))
    }
    return result
  }

  /// Records more rows of a table, one behind the other.
  ///
  /// - Parameter more: columns that only this run knows, behind the declared ones.
  public func record<Columns: RecordedTable>(
    _ type: Columns.Type, of subject: String = "", more: [Note.Table.Column] = [],
    _ rows: [Double]
  ) throws(BenchError) {
    try note(.rows(Columns.table(of: subject, more: more), rows))
  }
}
