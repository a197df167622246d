import Foundation
import SaltireCore
public import SaltireRecords

/// The contents of a session, for the summary and the report of its experiment.
public struct RecordedRun<Outcome: ExperimentOutcome>: Sendable {
  /// The session's file without extension.
  public let name: String
  public let manifest: Manifest
  public let notebook: Notebook
  /// Nil if the run did not finish or the outcome cannot be read.
  public let outcome: Outcome?
  /// The true properties of modelled devices, by name; empty for real devices.
  public let truth: [String: DeviceTruth]
  /// Other runs of the same experiment, drawn in the same figures.
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

  /// The protocol as it was run; nil if it cannot be read.
  func protocolReader() -> Reader? {
    guard let document = try? Document(name: "", text: manifest.protocol.text),
      let overrides = try? Overrides(settings: manifest.settings.map { "\($0.key)=\($0.value)" })
    else { return nil }
    return Reader(document, overrides: overrides)
  }
}

extension ExperimentOutcome {
  public var isConsistent: Bool { true }

  /// Decodes a stored outcome; nil if it is not of this type.
  init?(json: String) {
    guard let outcome = JSONText.decode(Self.self, from: json), outcome.isConsistent else {
      return nil
    }
    self = outcome
  }
}
