public import SaltireCore
public import SaltireRecords

/// A protocol that trains networks on arrays, read and ready to run.
///
/// It describes one network, or with `variants` several that differ by some
/// settings, trained one after the other.
public struct NetworkProtocol: Sendable {
  /// What protocol files call the experiment.
  public static let experiment = "text-network"

  struct Variant: Sendable {
    let label: String
    let settings: NetworkSettings
  }

  let variants: [Variant]
  let fingerprint: String
  /// Files to keep with a session.
  public let attachments: [Manifest.Source]
  /// What else was read.
  public let conditions: [String: String]

  /// Their labels.
  public var labels: [String] { variants.map(\.label) }

  /// Reads a protocol.
  ///
  /// - Parameters:
  ///   - document: the protocol file.
  ///   - overrides: values that replace those of it and of its variants.
  ///   - only: the label of the one variant to run; nil for all.
  ///   - onBenches: names of the experiments that run on a bench, for the hint to who
  ///     takes one of them for a training.
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
          "'\(name.value)' trains no network", at: name.location,
          hints: [
            onBenches.contains(name.value)
              ? "it is run on a bench: saltire run" : "did you mean '\(Self.experiment)'?"
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
        Diagnostic("there is no variant '\(only ?? "")'", hints: ["variants: \(labels)"]))
    }
    self.variants = variants
    attachments = files.sources
    conditions = files.conditions
    // Where the text is does not matter, what is in it does.
    let settings = overrides.values.filter { $0.key != "text.file" }
    let parts =
      [document.text, only ?? ""] + settings.sorted { $0.key < $1.key }.map { "\($0)" }
      + files.digests + attachments.map(\.sha256)
    fingerprint = Manifest.digest(Array(parts.joined(separator: "\n").utf8))
  }

  /// The variants by label, with the settings that make them.
  private static func described(
    _ document: Document
  ) throws(Diagnostics) -> [(label: String, settings: [String])] {
    // Only the variants are looked at: who reads them reads the rest.
    let reader = Reader(document)
    guard reader.has(VariantKeys.variants) else { return [("network", [])] }
    var described: [(label: String, settings: [String])] = []
    var faults: [Diagnostic] = []
    for item in reader.list(VariantKeys.variants) {
      let label = item[VariantKeys.label]
      if described.contains(where: { $0.label == label.value }) {
        faults.append(
          Diagnostic("two variants are called '\(label.value)'", at: label.location))
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
