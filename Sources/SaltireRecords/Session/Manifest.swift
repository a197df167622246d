import CCrypto
public import Foundation
public import SaltireCore
public import SaltirePrograms

/// Everything needed to understand and repeat a session without its original files.
public struct Manifest: Sendable, Equatable, Codable {
  /// The text of a file, with its SHA-256 in hexadecimal.
  public struct Source: Sendable, Equatable, Codable {
    public var name: String
    public var text: String
    public var sha256: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
      sha256 = Manifest.digest(Array(text.utf8))
    }
  }

  /// Maximum size of a manifest in bytes, including its files.
  static let longest = 64 << 20

  /// A unique id; nil in early sessions.
  public var id: String?
  /// The version of saltire that recorded it.
  public var program: String
  /// When the recording began.
  public var created: Date
  /// The uptime of the computer then; nil if unknown, and in earlier sessions.
  public var uptime: HostMoment.Uptime?
  /// The experiment's name.
  public var experiment: String
  public var `protocol`: Source
  /// With empty name and text if the session has no bench.
  public var bench: Source
  /// Files that the bench file refers to, by path.
  public var attachments: [Source]
  /// Overrides of values in the files, by key path.
  public var settings: [String: String]
  /// Seed of the experiment's random stream, and of the devices unless the bench sets its own.
  public var seed: UInt64
  /// Limits in force.
  public var limits: [String: String]
  /// The operator's notes.
  public var conditions: [String: String]
  /// The engines that timed pulses and readings, one text line each; nil in early sessions.
  public var engines: [String]?
  /// The instruments' replies to `*IDN?` when the run began, by name; nil without instruments and in
  /// early sessions.
  public var instruments: [String: String]?
  /// The identities that the operator confirmed, by device name. Nil if the devices are simulated
  /// in this process, and in early sessions.
  public var identities: [String: DeviceIdentity]?
  /// The previous doses of these devices according to the ledger, by name. Nil if they are in no
  /// ledger, and in early sessions.
  public var doses: [String: Dose]?

  public init(
    program: String, created: Date, uptime: HostMoment.Uptime? = nil, experiment: String,
    protocol: Source, bench: Source, attachments: [Source], settings: [String: String],
    seed: UInt64, limits: [String: String],
    conditions: [String: String], engines: [String] = [], id: String? = nil,
    instruments: [String: String]? = nil, identities: [String: DeviceIdentity]? = nil,
    doses: [String: Dose]? = nil
  ) {
    self.program = program
    self.created = created
    self.uptime = uptime
    self.experiment = experiment
    self.protocol = `protocol`
    self.bench = bench
    self.attachments = attachments
    self.settings = settings
    self.seed = seed
    self.limits = limits
    self.conditions = conditions
    self.engines = engines
    self.id = id
    self.instruments = instruments
    self.identities = identities
    self.doses = doses
  }
}

extension Manifest {
  /// The wiring of the bench; nil if there was no bench or it cannot be read. Needs no instrument
  /// definitions.
  public var wiring: Wiring? {
    guard let (document, overrides) = benchDocument else { return nil }
    let reader = Reader(document, overrides: overrides)
    var identities: [String: Located<DeviceIdentity>] = [:]
    return Wiring(reader.section(Wiring.Keys.arrays), identities: &identities)
  }

  /// The bench file with its overrides; nil if there was no bench or it cannot be read.
  package var benchDocument: (document: Document, overrides: Overrides)? {
    guard !bench.text.isEmpty,
      let document = try? Document(name: bench.name, text: bench.text),
      let overrides = try? Overrides(settings: settings.map { "\($0.key)=\($0.value)" })
    else { return nil }
    return (document, overrides)
  }

  /// The histories of the confirmed devices, by name, at the start of the run.
  public var histories: [String: DeviceHistory] {
    Dictionary(
      uniqueKeysWithValues: (identities ?? [:]).map { name, identity in
        (name, DeviceHistory(identity: identity, dose: doses?[name] ?? Dose()))
      })
  }

  /// The identities and previous doses of the devices as text, by name; empty if they are simulated
  /// in this process.
  public var deviceTexts: [(name: String, text: String)] {
    guard let identities else { return [] }
    let all = Set(identities.keys).union((wiring?.sites ?? []).map(\.device))
    return all.sorted().map { name in
      guard let identity = identities[name] else {
        return (name, "identity not confirmed; its dose is not recorded")
      }
      let before = doses?[name].map { ", after \($0.text)" }
      return (name, identity.text + (before ?? ""))
    }
  }

  /// SHA-256 in hexadecimal.
  package static func digest(_ bytes: [UInt8]) -> String {
    var hash = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256(bytes, bytes.count, &hash)
    return hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
