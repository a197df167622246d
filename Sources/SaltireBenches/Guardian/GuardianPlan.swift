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
  /// The path of the session; nil without one.
  public var session: String?
  /// The descriptor for the guardian's replies. It is separate from the standard streams, which may
  /// block.
  var answers: Int32 = -1

  public init(_ file: BenchFile, settings: Overrides, session: URL?) {
    bench = Manifest.Source(name: file.document.name, text: file.document.text)
    attachments = file.attachments
    self.settings = settings.values
    silence = file.guardian.silence
    self.session = session?.path
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

  enum Keys {
    static let guardian = SectionKey(
      "guardian", absent: "as its keys", when: "with instruments outside the program",
      "The second process, which watches over the outputs.", [enabled, heartbeat, persistence])
    static let enabled = Key.flag(
      "enabled", default: true, "Whether a second process watches over the outputs.")
    static let heartbeat = Key.quantity(
      "heartbeat", .second, in: 0.05...3600, default: 5, "Silence after which it takes over.")
    static let persistence = Key.quantity(
      "persistence", .second, in: 0...86_400, default: 120,
      "How long run and guardian try to confirm that outputs are off.")
  }

  /// Reads the optional `guardian` section of a bench file.
  init(_ reader: Reader) {
    isEnabled = reader[Keys.enabled].value
    silence = reader[Keys.heartbeat].value
    persistence = reader[Keys.persistence].value
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
