public import SaltireCore
public import SaltireRecords

/// A protocol that trains networks on simulated arrays.
///
/// It describes one network or, with `variants`, several that differ in some settings and are
/// trained one after the other.
public struct NetworkProtocol: Sendable {
  /// The name of the experiment in protocol files.
  public static let experiment = "text-network"

  struct Variant: Sendable {
    let label: String
    let settings: NetworkSettings
  }

  let variants: [Variant]
  let fingerprint: String
  /// Files to store in a session.
  public let attachments: [Manifest.Source]
  /// Descriptions of the other files.
  public let conditions: [String: String]

  /// Their labels.
  public var labels: [String] { variants.map(\.label) }

  /// Reads a protocol.
  ///
  /// - Parameters:
  ///   - document: the protocol file.
  ///   - overrides: overrides of values in the protocol and its variants.
  ///   - only: the label of the only variant to run; nil for all.
  ///   - onBenches: the names of experiments that run on a bench, for a hint.
  /// - Throws: `Diagnostics` with every fault.
  public init(
    _ document: Document, overrides: Overrides = Overrides(), only: String? = nil,
    onBenches: [String] = []
  ) throws(Diagnostics) {
    let files = NetworkFiles()
    let reader = Reader(document, overrides: overrides)
    let name = reader[ProtocolKeys.experiment]
    guard name.value == Self.experiment else {
      throw Diagnostics(
        Diagnostic(
          "the experiment '\(name.value)' does not train a network", at: name.location,
          hints: [
            onBenches.contains(name.value)
              ? "it runs on a bench: use 'saltire run'" : "did you mean '\(Self.experiment)'?"
          ]))
    }
    var variants: [Variant] = []
    let described = try Self.described(document)
    for (label, settings) in described where only == nil || only == label {
      let all =
        settings + overrides.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let own = Reader(document, overrides: try Overrides(settings: all))
      _ = own.has(VariantKeys.variants)
      let network = NetworkSettings(own, files)
      try own.finish()
      variants.append(Variant(label: label, settings: network))
    }
    guard !variants.isEmpty else {
      let labels = described.map { "'\($0.label)'" }.joined(separator: ", ")
      throw Diagnostics(
        Diagnostic("unknown variant '\(only ?? "")'", hints: ["variants: \(labels)"]))
    }
    self.variants = variants
    attachments = files.sources
    conditions = files.conditions
    // The contents of the text matter, not its path.
    let settings = overrides.values.filter { $0.key != "text.file" }
    let parts =
      [document.text, only ?? ""] + settings.sorted { $0.key < $1.key }.map { "\($0)" }
      + files.digests + attachments.map(\.sha256)
    fingerprint = Manifest.digest(Array(parts.joined(separator: "\n").utf8))
  }

  /// The variants by label, with their settings.
  private static func described(
    _ document: Document
  ) throws(Diagnostics) -> [(label: String, settings: [String])] {
    // Only the variants are read here; the rest is read for each variant.
    let reader = Reader(document)
    guard reader.has(VariantKeys.variants) else { return [("network", [])] }
    var described: [(label: String, settings: [String])] = []
    var faults: [Diagnostic] = []
    for item in reader.list(VariantKeys.variants) {
      let label = item[VariantKeys.label]
      if described.contains(where: { $0.label == label.value }) {
        faults.append(
          Diagnostic("the label '\(label.value)' is used by two variants", at: label.location))
      }
      let changes = item.section(VariantKeys.set)
      let settings = changes.keys.map {
        "\($0)=\(changes[VariantKeys.setting.named($0)].value)"
      }
      described.append((label.value, settings))
    }
    if described.isEmpty {
      faults.append(Diagnostic("no variants are described", at: reader.location))
    }
    if !faults.isEmpty { throw Diagnostics(faults) }
    return described
  }
}
