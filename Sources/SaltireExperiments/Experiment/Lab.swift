public import SaltireCore
public import SaltirePrograms
public import SaltireRecords

/// The environment of an experiment besides its bench.
public struct LabSurroundings {
  /// The random stream of the experiment.
  public var random: RandomStream
  /// Records a note.
  public var record: (Note) throws(SessionError) -> Void
  /// Called with the lab time after every program.
  public var watch: (Double) -> Void
  /// Called with messages that the user should see during the run.
  public var warn: (String) -> Void
  /// Whether the run must end after the current program.
  public var isStopping: () -> Bool
  /// The notes of the recorded run; nil if this is not a replay or a resumed run.
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

/// The interface of an experiment: the bench, random numbers and notes.
public struct Lab<B: Bench> {
  public let bench: B
  /// The random stream of the experiment.
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
  /// - Throws: ``BenchError``; ``BenchError/cancelled`` if the task is cancelled or the run must
  ///   end.
  public mutating func perform(_ program: Program) async throws(BenchError) -> Observations {
    if Task.isCancelled || surroundings.isStopping() { throw .cancelled }
    let observations = try await bench.perform(program)
    time = observations.end
    surroundings.watch(time)
    return observations
  }

  /// Records a note.
  ///
  /// - Throws: `SessionError` if it cannot be written.
  public func note(_ note: Note) throws(BenchError) {
    do throws(SessionError) { try surroundings.record(note) } catch { throw .failed(error) }
  }

  /// Shows a message that should not wait until the end of the run.
  public func warn(_ message: String) { surroundings.warn(message) }

  /// Records a finding about a device or a run, and returns it.
  ///
  /// Later programs depend on findings. A run with a record therefore continues with the recorded
  /// finding, even if this version computes a different one from the same readings: sessions stay
  /// replayable and resumable after improvements of the analysis. The user is warned of a
  /// difference.
  ///
  /// - Parameters:
  ///   - finding: its declaration.
  ///   - subject: the device or the run.
  ///   - analyse: computes the finding. If it throws, nothing is recorded.
  public func find<Value: Equatable, Failure>(
    _ finding: Finding<Value>, of subject: String, _ analyse: () throws(Failure) -> Value
  ) throws(BenchError) -> Result<Value, Failure> {
    var result = Result { () throws(Failure) in try analyse() }
    if let recorded = surroundings.recorded?.finding(finding, of: subject) {
      if case .success(recorded) = result {
      } else {
        warn(
          "this version computes a different result for '\(finding.name) \(subject)' from the"
            + " recorded readings; the run continues with the recorded result")
      }
      result = .success(recorded)
    }
    if case .success(let value) = result {
      try note(.finding(name: finding.name, subject: subject, json: JSONText.encode(value)))
    }
    return result
  }

  /// The finding of a recorded run; nil if this is a new run or it found none.
  func recorded<Value>(_ finding: Finding<Value>, of subject: String) -> Value? {
    surroundings.recorded?.finding(finding, of: subject)
  }

  /// Appends rows to a table.
  ///
  /// - Parameter more: additional columns of this run, after the declared ones.
  public func record<Columns: RecordedTable>(
    _ type: Columns.Type, of subject: String = "", more: [Note.Table.Column] = [],
    _ rows: [Double]
  ) throws(BenchError) {
    try note(.rows(Columns.table(of: subject, more: more), rows))
  }
}
