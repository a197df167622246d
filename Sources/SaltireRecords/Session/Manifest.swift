import CCrypto
public import Foundation
package import SaltireCore
public import SaltirePrograms

/// Everything that a session needs to be understood and repeated without the
/// files it came from.
public struct Manifest: Sendable, Equatable, Codable {
  /// A file as it was, with the SHA-256 of its bytes in hexadecimal.
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

  /// Bytes of one, with the files in it; a longer one is refused.
  static let longest = 64 << 20

  /// What no other session has; nil in sessions of before there was such a thing.
  public var id: String?
  /// The version of the program that recorded.
  public var program: String
  /// When the recording began.
  public var created: Date
  /// The experiment's name.
  public var experiment: String
  public var `protocol`: Source
  /// Without name and text where nothing was run on a bench.
  public var bench: Source
  /// Files that the bench file names, by the path it gives.
  public var attachments: [Source]
  /// Settings that replaced values of the files, by key path.
  public var settings: [String: String]
  /// Seed of the experiment's random stream, and of the devices' unless the
  /// bench sets its own.
  public var seed: UInt64
  /// Limits in force.
  public var limits: [String: String]
  /// What the operator noted.
  public var conditions: [String: String]
  /// What times pulses and readings, a line each; nil in sessions of before
  /// this was recorded.
  public var engines: [String]?
  /// Which devices the operator confirmed to be connected, by name. Nil where
  /// they are simulated by the program itself, and in sessions of before this
  /// was recorded.
  public var identities: [String: DeviceIdentity]?
  /// What each of them had been put through before, by name, as the ledger had it.
  /// Nil where they are in no ledger, and in sessions of before this was recorded.
  public var doses: [String: Dose]?

  public init(
    program: String, created: Date, experiment: String, protocol: Source, bench: Source,
    attachments: [Source], settings: [String: String], seed: UInt64, limits: [String: String],
    conditions: [String: String], engines: [String] = [], id: String? = nil,
    identities: [String: DeviceIdentity]? = nil,
    doses: [String: Dose]? = nil
  ) {
    self.program = program
    self.created = created
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
    self.identities = identities
    self.doses = doses
  }
}

extension Manifest {
  /// Which devices there are and where; nil where nothing was run on a bench, or
  /// it cannot be read. Needs no instrument's definition.
  public var wiring: Wiring? {
    guard let (document, overrides) = benchDocument else { return nil }
    let reader = Reader(document, overrides: overrides)
    var identities: [String: Located<DeviceIdentity>] = [:]
    return Wiring(reader.section(Wiring.Keys.arrays), identities: &identities)
  }

  /// The bench file, with the settings of the run; nil where nothing was
  /// run on a bench, or it cannot be read.
  package var benchDocument: (document: Document, overrides: Overrides)? {
    guard !bench.text.isEmpty,
      let document = try? Document(name: bench.name, text: bench.text),
      let overrides = try? Overrides(settings: settings.map { "\($0.key)=\($0.value)" })
    else { return nil }
    return (document, overrides)
  }

  /// The devices that somebody confirmed, by name, as they were when the run began.
  public var histories: [String: DeviceHistory] {
    Dictionary(
      uniqueKeysWithValues: (identities ?? [:]).map { name, identity in
        (name, DeviceHistory(identity: identity, dose: doses?[name] ?? Dose()))
      })
  }

  /// What a reader is told of the devices and of what they had been through, by name;
  /// none where they are simulated by the program itself.
  public var deviceTexts: [(name: String, text: String)] {
    guard let identities else { return [] }
    let all = Set(identities.keys).union((wiring?.sites ?? []).map(\.device))
    return all.sorted().map { name in
      guard let identity = identities[name] else {
        return (name, "nobody confirmed which it is; its dose is entered nowhere")
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
