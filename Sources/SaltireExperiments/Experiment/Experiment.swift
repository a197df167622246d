public import SaltireCore
public import SaltireFigures
public import SaltirePrograms

/// What an experiment asks the user for, read from a protocol file.
public protocol ProtocolDecodable: Sendable {
  /// Every key that it reads at the top of a protocol, besides `experiment` and `resume`.
  static var keys: [any DeclaredKey] { get }

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
  associatedtype Reason: Verdict

  /// Why the result does not serve its purpose; nil when it does. A run with such a
  /// verdict exits with status 11.
  var verdict: Reason? { get }

  /// Whether its parts fit each other, as in a session that nobody tampered with.
  var isConsistent: Bool { get }
}

/// A kind of experiment as sessions record it: what becomes of its record.
public protocol RecordedExperiment: Sendable {
  associatedtype Outcome: ExperimentOutcome

  /// What protocol files and sessions call it.
  static var name: String { get }

  /// The lines that a run prints at its end, without indentation.
  static func summary(of outcome: Outcome) -> [String]

  /// The report's sections before the figures, in order.
  static func sections(of run: RecordedRun<Outcome>) -> [HTMLReport.Section]

  /// Every figure that the notes allow, also of a run that was cut off.
  static func figures(of run: RecordedRun<Outcome>) -> [NamedFigure]
}

/// A measurement or a training, as straight-line code that picks the next
/// program from past observations.
///
/// It must be deterministic: random numbers from `lab.random`, time from
/// observations, nothing else from outside. Then its record replays.
public protocol Experiment: RecordedExperiment {
  associatedtype Parameters: ProtocolDecodable

  init()

  /// Runs to the end.
  ///
  /// - Throws: ``BenchError`` as the bench gives it.
  func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> Outcome
}
