import Foundation
import SaltireAnalysis
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireFigures
import SaltireRecords

extension SessionReport {
  /// The page with its figures.
  func page(_ images: [(figure: NamedFigure, image: SVGImage)]) -> HTMLReport {
    let figures: [HTMLReport.Block] = images.map { .figure($0.image, caption: $0.figure.caption) }
    var sections: [HTMLReport.Section] = []
    if let training, training.target != nil {
      sections.append(
        .init(
          "Training",
          [trainingTable(training)] + diagnosis(training).map { .paragraph($0) }
            + (training.watch.map { [$0.table] } ?? [])))
    }
    if let characterisation {
      sections.append(
        .init(
          "Devices",
          [devicesTable(characterisation.devices, unit: "S")]
            + disagreements(characterisation.devices).map { .paragraph($0) } + modelTable))
    }
    if let network { sections.append(.init("Networks", [networkTable(network)])) }
    if !figures.isEmpty { sections.append(.init("Figures", figures)) }
    sections.append(.init("Provenance", provenance))
    return HTMLReport(title: title, verdict: verdict, status: status, sections: sections)
  }

  private var status: HTMLReport.Status {
    guard let ending, !isGoingOn else { return .warning }
    return ending.exitCode == 0 ? .ok : ending.exitCode == 12 ? .failed : .warning
  }

  private var verdict: String {
    if isGoingOn { return "The run goes on; this is what it had recorded when this was drawn." }
    guard let ending else { return "The run was cut off; this is what it recorded until then." }
    return ending.message
      ?? (isOnBench
        ? "The experiment ran to its end and the bench was made safe."
        : "The training ran to its end.")
  }

  /// Whether there was a bench at all.
  private var isOnBench: Bool { !manifest.bench.text.isEmpty }

  // MARK: Devices

  /// Devices whose swords cross somewhere else than zero-shifting ends.
  private func disagreements(_ devices: [String: DeviceOutcome]) -> [String] {
    devices.sorted { $0.key < $1.key }.compactMap { name, device in
      guard let shifted = device.symmetryPoint, let crossing = device.crossing else { return nil }
      let variance =
        shifted.standardError * shifted.standardError
        + crossing.standardError * crossing.standardError
      let errors = abs(shifted.value - crossing.value) / variance.squareRoot()
      guard errors > 3 else { return nil }
      return "\(name): the swords cross \(Quantity(errors, .one).formatted(digits: 2)) standard"
        + " errors from where zero-shifting ends. Its steps are no straight line or parabola of the"
        + " conductance, or it has changed meanwhile; trust zero-shifting."
    }
  }

  /// The models' own parameters beside the measured ones.
  private var modelTable: [HTMLReport.Block] {
    guard !truth.isEmpty, let devices = characterisation?.devices else { return [] }
    let rows = devices.sorted { $0.key < $1.key }.compactMap { name, device -> [String]? in
      guard let model = truth[name] else { return nil }
      let true_ = model.symmetryPoint?.value
      let deviation = zip(device.symmetryPoint, true_).map { measured, value in
        "\(Quantity((measured.value - value) / measured.standardError, .one).formatted(digits: 2))"
      }
      return [
        name, true_.map { Quantity($0, .siemens).formatted(digits: 4) } ?? "none",
        deviation ?? "–", model.kappa.map { Quantity($0, .one).formatted(digits: 3) } ?? "–",
      ]
    }
    return [
      .details(
        summary: "Beside the models",
        [
          .table(
            HTMLTable(
              caption: "The modelled devices as they are; no experiment or analysis reads this.",
              columns: [
                .init("device", alignment: .left), .init("symmetry point"),
                .init("measured − true, in standard errors"), .init("κ"),
              ], rows: rows, hasRowHeaders: true))
        ])
    ]
  }

  // MARK: Training

  private func trainingTable(_ training: TrainingOutcome) -> HTMLReport.Block {
    let targets = training.target ?? []
    func text(_ values: [Double?]?, _ index: Int, none: String = "–") -> String {
      guard let values else { return "–" }
      return values[index].map { Quantity($0, .one).formatted(digits: 3) } ?? none
    }
    return .table(
      HTMLTable(
        caption: "Weights over the last fifth of \(training.samples ?? 0) samples, in weight"
          + " units" + (training.replicas.map { ", means over \($0) runs" } ?? "")
          + ". The radius is that of the motion around the optimum in the plane of C and A,"
          + " relative to the optimum's distance from the start; turns are counted until it is"
          + " below a quarter, and in all. Updates: \(training.update ?? "–"); reference:"
          + " \(training.reference ?? "–").",
        columns: [
          .init("parameter", alignment: .left), .init("optimum"), .init("C mean"),
          .init("C rms deviation"), .init("A mean"), .init("A rms"), .init("radius ratio"),
          .init("turns"), .init("turns in all"), .init("way round"),
        ] + (training.predicted == nil ? [] : [.init("theory")]),
        rows: targets.indices.map { index in
          [
            "\(index + 1)", text(targets, index), text(training.cMean, index),
            text(training.cRms, index), text(training.aMean, index), text(training.aRms, index),
            text(training.radiusRatio, index),
            text(training.turns, index, none: "never"),
            text(training.turnsTotal, index),
            training.clockwise.map { $0[index] ? "clockwise" : "counter-clockwise" } ?? "–",
          ] + (training.predicted == nil ? [] : [text(training.predicted, index)])
        }, hasRowHeaders: true))
  }

  /// Why training did not get to the optimum, where it did not: what the
  /// fluctuation–dissipation balance of A's pulses leaves.
  private func diagnosis(_ training: TrainingOutcome) -> [String] {
    guard let targets = training.target, !training.restless.isEmpty else { return [] }
    var lines = ["The motion has not died down: the radius is still above half of its start."]
    for (name, device) in training.devices.sorted(by: { $0.key < $1.key }) {
      guard let states = device.states, let noise = device.cycleToCycle else { continue }
      if let read = device.readNoise, let scale = device.weightScale, read > 0.05 * scale {
        lines.append(
          "One read of \(name) is uncertain by \(Quantity(read / scale, .one).formatted(digits: 2))"
            + " weight units: every gradient carries that noise.")
      }
      guard device.symmetryPoint != nil, let kappa = device.kappa, kappa > 0 else {
        lines.append(
          "\(name) has no symmetry point: nothing damps the motion, it circles the optimum.")
        continue
      }
      let floor = (2 / states * (1 + noise * noise) / (2 * kappa)).squareRoot()
      let smallest = targets.map(abs).min() ?? 0
      if floor > smallest / 4 {
        lines.append(
          "\(name) has \(Quantity(states, .one).formatted(digits: 3)) states, a cycle-to-cycle"
            + " noise of \(Quantity(noise, .one).formatted(digits: 3)) steps and κ"
            + " \(Quantity(kappa, .one).formatted(digits: 3)): its pulses alone keep it"
            + " fluctuating by \(Quantity(floor, .one).formatted(digits: 2)) weight units around"
            + " its symmetry point, against an optimum at \(smallest).")
      }
    }
    return lines
  }

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
      values.append(.init("drawn along", companions.map(\.title).joined(separator: ", ")))
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

/// Both or none.
private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
  if let a, let b { (a, b) } else { nil }
}
