public import SaltireCore
public import SaltireFigures
public import SaltirePrograms

/// The parameters of an experiment, read from a protocol file.
public protocol ProtocolDecodable: Sendable {
  /// Every key that it reads at the top of a protocol, besides `experiment` and `resume`.
  static var keys: [any DeclaredKey] { get }

  /// Reads every key and reports faults to the reader.
  ///
  /// - Parameters:
  ///   - reader: the protocol file.
  ///   - wiring: the bench's devices, so that names can be checked.
  init(_ reader: Reader, wiring: Wiring)

  /// The extreme values that the experiment will request, with their source locations. They are
  /// checked against the limits before anything runs.
  var demands: [Demand] { get }

  /// Reads of every device that the experiment uses, at read voltage. They reveal open, shorted or
  /// leaky devices, and devices outside the conductance window, before any pulse.
  var preflight: [Step] { get }

  /// Whether the devices are there: limits of what they conduct apply only then.
  var isOnDevices: Bool { get }
}

extension ProtocolDecodable {
  public var isOnDevices: Bool { true }
}

/// The results of an experiment.
public protocol ExperimentOutcome: Codable, Sendable {
  associatedtype Reason: Verdict

  /// Why the acceptance criteria failed; nil if they did not. A run with a verdict exits with
  /// status 11.
  var verdict: Reason? { get }

  /// Whether its parts are consistent; false for a session that was tampered with.
  var isConsistent: Bool { get }
}

/// A kind of experiment that sessions record: how its record is summarised and drawn.
public protocol RecordedExperiment: Sendable {
  associatedtype Outcome: ExperimentOutcome

  /// The name in protocol files and sessions.
  static var name: String { get }

  /// The lines that a run prints at its end, without indentation.
  static func summary(of outcome: Outcome) -> [String]

  /// The report's sections before the figures, in order.
  static func sections(of run: RecordedRun<Outcome>) -> [HTMLReport.Section]

  /// All figures that the notes allow, also for an interrupted run.
  static func figures(of run: RecordedRun<Outcome>) -> [NamedFigure]
}

/// A measurement or a training: straight-line code that chooses the next program from past
/// observations.
///
/// It must be deterministic, so that its record can be replayed: random numbers come from
/// `lab.random`, time from observations, and nothing else from outside.
public protocol Experiment: RecordedExperiment {
  associatedtype Parameters: ProtocolDecodable

  init()

  /// Runs to the end.
  ///
  /// - Throws: ``BenchError`` from the bench.
  func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> Outcome
}
