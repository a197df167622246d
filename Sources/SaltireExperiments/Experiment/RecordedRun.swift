import Foundation
import SaltireCore
public import SaltireRecords

/// What a session holds of an experiment, for its summary and its report.
public struct RecordedRun<Outcome: ExperimentOutcome>: Sendable {
  /// The session's file without extension.
  public let name: String
  public let manifest: Manifest
  public let notebook: Notebook
  /// Nil where the run did not reach one, or it cannot be read.
  public let outcome: Outcome?
  /// What the models' devices really are, by name; empty on benches that cannot know.
  public let truth: [String: DeviceTruth]
  /// Runs of the same experiment that are drawn along.
  public let companions: [RecordedRun]

  /// - Throws: `SessionError`.
  init(_ session: Session, with companions: [Session] = []) throws(SessionError) {
    var read: [RecordedRun] = []
    for companion in companions { read.append(try RecordedRun(companion)) }
    self.companions = read
    name = session.url.deletingPathExtension().lastPathComponent
    manifest = session.manifest
    notebook = try session.notebook()
    let ending = try session.ending()
    outcome = ending?.outcome.flatMap { Outcome(json: $0) }
    truth = ending?.truth.flatMap { JSONText.decode([String: DeviceTruth].self, from: $0) } ?? [:]
  }

  /// The protocol as it was run; nil where it cannot be read.
  func protocolReader() -> Reader? {
    guard let document = try? Document(name: "", text: manifest.protocol.text),
      let overrides = try? Overrides(settings: manifest.settings.map { "\($0.key)=\($0.value)" })
    else { return nil }
    return Reader(document, overrides: overrides)
  }
}

extension ExperimentOutcome {
  public var isConsistent: Bool { true }

  /// Reads what a session holds; nil for what is no such outcome.
  init?(json: String) {
    guard let outcome = JSONText.decode(Self.self, from: json), outcome.isConsistent else {
      return nil
    }
    self = outcome
  }
}
