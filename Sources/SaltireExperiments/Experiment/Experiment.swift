public import SaltireCore
public import SaltirePrograms
public import SaltireRecords

/// What an experiment asks the user for, read from a protocol file.
public protocol ProtocolDecodable: Sendable {
  /// Reads every key, reporting faults to the reader.
  ///
  /// - Parameters:
  ///   - reader: the protocol file.
  ///   - wiring: the bench's devices, so that names can be checked.
  init(_ reader: Reader, wiring: Wiring)

  /// The extremes it will ask for, with the places that set them: what can be
  /// held against the limits before anything runs.
  var demands: [Demand] { get }

  /// A read of every device that it uses, at read voltage: what shows that one
  /// is open, shorted, leaking or outside its window before it is pulsed.
  var preflight: [Step] { get }
}

/// What an experiment found.
public protocol ExperimentOutcome: Codable, Sendable {
  /// Why the result does not serve its purpose ("no symmetry point: …"); nil
  /// when it does. A run with such a verdict exits with status 11.
  var verdict: String? { get }
}

/// A measurement or a training, as straight-line code that picks the next
/// program from past observations.
///
/// It must be deterministic: random numbers from `lab.random`, time from
/// observations, nothing else from outside. Then its record replays.
public protocol Experiment: Sendable {
  associatedtype Parameters: ProtocolDecodable
  associatedtype Outcome: ExperimentOutcome

  /// What protocol files call it.
  static var name: String { get }

  init()

  /// Runs to the end.
  ///
  /// - Throws: ``BenchError`` as the bench gives it.
  func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> Outcome
}

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

  public init(
    random: RandomStream, record: @escaping (Note) throws(SessionError) -> Void = { _ in },
    watch: @escaping (Double) -> Void = { _ in }, warn: @escaping (String) -> Void = { _ in },
    isStopping: @escaping () -> Bool = { false }
  ) {
    self.random = random
    self.record = record
    self.watch = watch
    self.warn = warn
    self.isStopping = isStopping
  }
}

/// What an experiment works with: the bench, its random numbers, and someone
/// who writes its notes down.
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

  /// Notes a result under a name.
  public func note(_ name: String, _ finding: some Encodable) throws(BenchError) {
    try note(.finding(name: name, json: JSONText.encode(finding)))
  }
}
