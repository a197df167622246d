public import Foundation
public import SaltireCore
public import SaltirePrograms
public import SaltireRecords

/// What a guardian must know: told once, so that it depends on no file that
/// may change or vanish.
public struct GuardianPlan: Sendable, Equatable, Codable {
  /// The bench file, and the files that it names.
  public var bench: Manifest.Source
  public var attachments: [Manifest.Source]
  /// Settings that replaced values of the bench file.
  public var settings: [String: String]
  /// Longest silence of the process that is watched, seconds.
  public var silence: Double
  /// The session that is being recorded.
  public var session: String
  /// The descriptor that the guardian answers on: none of those that words go to, which
  /// may block.
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

/// Whether a process of its own watches over a bench of instruments.
public struct GuardianSettings: Sendable, Equatable {
  public var isEnabled: Bool
  /// Longest silence of the process that is watched, seconds.
  public var silence: Double
  /// Seconds for which outputs that are not confirmed off are tried again, by the run and
  /// by its guardian alike.
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

  /// Reads the `guardian` section of a bench file, which may be missing.
  init(_ reader: Reader) {
    isEnabled = reader[Keys.enabled].value
    silence = reader[Keys.heartbeat].value
    persistence = reader[Keys.persistence].value
  }

  /// For the record of limits in force.
  public var summary: String {
    isEnabled ? "takes over after \(Quantity(silence, .second)) of silence" : "off"
  }
}

/// What goes from the process that is watched to its guardian, byte by byte.
enum GuardianSignal {
  /// It is alive; from the guardian, that it is too.
  static let beat = UInt8(ascii: "b")
  /// It has made the outputs safe itself.
  static let release = UInt8(ascii: "r")
  /// From the guardian: it watches.
  static let ready = UInt8(ascii: "w")
}

/// No guardian watches over the outputs.
public struct GuardianFailure: BenchFailure, Equatable {
  /// Why not.
  public var reason: String

  init(_ reason: String) { self.reason = reason }

  public var isRefusal: Bool { true }

  public var message: String { "no guardian watches over the outputs: \(reason)" }
}
