public import Foundation
public import SaltireCore
public import SaltirePrograms
public import SaltireRecords

/// Everything the guardian needs, sent once at the start, so that it does not depend on files that
/// may change or vanish.
public struct GuardianPlan: Sendable, Equatable, Codable {
  /// The bench file and the files it refers to.
  public var bench: Manifest.Source
  public var attachments: [Manifest.Source]
  /// Overrides of values in the bench file.
  public var settings: [String: String]
  /// Maximum time between heartbeats, in seconds.
  public var silence: Double
  /// The path of the session.
  public var session: String
  /// The descriptor for the guardian's replies. It is separate from the standard streams, which may
  /// block.
  var answers: Int32 = -1

  public init(_ file: BenchFile, settings: Overrides, session: URL) {
    bench = Manifest.Source(name: file.document.name, text: file.document.text)
    attachments = file.attachments
    self.settings = settings.values
    silence = file.guardian.silence
    self.session = session.path
  }

  /// The bench.
  ///
  /// - Throws: `Diagnostics`.
  func file() throws(Diagnostics) -> BenchFile {
    try BenchFile(
      try Document(name: bench.name, text: bench.text),
      overrides: try Overrides(settings: settings.map { "\($0.key)=\($0.value)" }),
      attachments: attachments)
  }
}

/// Whether a guardian process monitors a bench of instruments.
public struct GuardianSettings: Sendable, Equatable {
  public var isEnabled: Bool
  /// Maximum time between heartbeats, in seconds.
  public var silence: Double
  /// Seconds during which the safe sequence is retried for outputs that are not confirmed off, by
  /// the run and by its guardian.
  public var persistence: Double

  /// Reads the optional `guardian` section of a bench file.
  init(_ reader: Reader) {
    isEnabled = reader.flag("enabled", default: true).value
    silence = reader.quantity("heartbeat", .second, default: 5, in: 0.05...3600).value
    persistence = reader.quantity("persistence", .second, default: 120, in: 0...86_400).value
  }

  /// The text for the recorded limits.
  public var summary: String {
    isEnabled ? "takes over after \(Quantity(silence, .second)) without a heartbeat" : "off"
  }
}

/// The bytes exchanged between a run and its guardian.
enum GuardianSignal {
  /// A heartbeat, or the guardian's reply to one.
  static let beat = UInt8(ascii: "b")
  /// The run has made the outputs safe itself.
  static let release = UInt8(ascii: "r")
  /// The guardian is ready.
  static let ready = UInt8(ascii: "w")
}

/// The outputs have no guardian.
public struct GuardianFailure: BenchFailure, Equatable {
  /// The reason.
  public var reason: String

  init(_ reason: String) { self.reason = reason }

  public var isRefusal: Bool { true }

  public var message: String { "the guardian process is not running: \(reason)" }
}
