import Foundation
import SaltireCore
import SaltireFigures
import SaltireRecords

extension SessionReport {
  /// The page with its figures.
  func page(_ images: [(figure: NamedFigure, image: SVGImage)]) -> HTMLReport {
    var sections = sections
    if !images.isEmpty {
      sections.append(
        .init("Figures", images.map { .figure($0.image, caption: $0.figure.caption) }))
    }
    sections.append(.init("Provenance", provenance))
    return HTMLReport(title: title, verdict: verdict, status: status, sections: sections)
  }

  private var status: HTMLReport.Status {
    guard let ending, !isGoingOn else { return .warning }
    return ending.exitCode == 0 ? .ok : ending.exitCode == 12 ? .failed : .warning
  }

  private var verdict: String {
    if isGoingOn {
      return "The run is still in progress; this report shows what it had recorded so far."
    }
    guard let ending else {
      return "The run was interrupted; this report shows what it recorded until then."
    }
    return ending.message ?? telling.verdict
      ?? (isOnBench
        ? "The experiment finished and the bench was made safe."
        : "The training finished.")
  }

  /// Whether there was a bench at all.
  private var isOnBench: Bool { !manifest.bench.text.isEmpty }

  // MARK: Provenance

  private var provenance: [HTMLReport.Block] {
    var values: [HTMLReport.KeyValue] = [
      .init("recorded", "\(manifest.created.formatted(.iso8601)) by saltire \(manifest.program)"),
      .init("protocol", "\(manifest.protocol.name), SHA-256 \(manifest.protocol.sha256)"),
    ]
    if isOnBench {
      values.append(
        .init("bench", "\(manifest.bench.name), SHA-256 \(manifest.bench.sha256)"))
    }
    values += manifest.attachments.map { .init("file", "\($0.name), SHA-256 \($0.sha256)") }
    values += manifest.settings.sorted { $0.key < $1.key }.map {
      .init("set", "\($0.key) = \($0.value)")
    }
    values.append(.init("seed", "\(manifest.seed)"))
    values += manifest.deviceTexts.map { .init("device \($0.name)", $0.text) }
    values += manifest.conditions.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
    values += (manifest.engines ?? []).map { .init("timed by", $0) }
    values += manifest.limits.sorted { $0.key < $1.key }.map { .init("limit \($0.key)", $0.value) }
    values += resumptions.map { .init("resumed", $0.text) }
    if !companions.isEmpty {
      values.append(.init("drawn along", companions.joined(separator: ", ")))
    }
    if let ending {
      if isOnBench { values.append(.init("lab time", labTime(ending.duration))) }
      values.append(.init("pulses", "\(ending.pulses)"))
      if isOnBench {
        values.append(.init("outputs", ending.safe ? "confirmed safe" : "NOT confirmed safe"))
      }
    }
    return [
      .keyValues(values),
      .details(summary: "The protocol", [.preformatted(manifest.protocol.text)]),
    ] + (isOnBench ? [.details(summary: "The bench", [.preformatted(manifest.bench.text)])] : [])
  }
}
