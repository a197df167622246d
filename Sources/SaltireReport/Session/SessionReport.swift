public import Foundation
import SaltireAnalysis
import SaltireBenches
import SaltireCore
import SaltireExperiments
public import SaltireFigures
public import SaltireRecords
import SaltireTraining

/// A session as figures, tables and one page.
///
/// Everything comes from the session's notes, so a run that was cut off is
/// reported as far as it came.
public struct SessionReport: Sendable {
  public let title: String
  /// That of the session's file.
  let name: String
  let manifest: Manifest
  let ending: Ending?
  /// Whether more of it was still to come.
  let isGoingOn: Bool
  let resumptions: [Resumption]
  let notebook: Notebook
  let characterisation: CharacterisationOutcome?
  let training: TrainingOutcome?
  let network: NetworkOutcome?
  let truth: [String: DeviceTruth]
  /// Sessions whose learning curves are drawn along.
  let companions: [SessionReport]

  /// Reads what a report needs.
  ///
  /// - Parameters:
  ///   - session: what is reported.
  ///   - companions: sessions whose learning curves are drawn along with its
  ///     own: networks that were trained side by side.
  /// - Throws: `SessionError`.
  public init(_ session: Session, with companions: [Session] = []) throws(SessionError) {
    var read: [SessionReport] = []
    for companion in companions { read.append(try SessionReport(companion)) }
    self.companions = read
    name = session.url.deletingPathExtension().lastPathComponent
    manifest = session.manifest
    ending = try session.ending()
    isGoingOn = session.isInUse
    resumptions = try session.resumptions()
    notebook = try session.notebook()
    title = "\(manifest.experiment) · \(name)"
    let outcome = ending?.outcome
    characterisation = outcome.flatMap { JSONText.decode(CharacterisationOutcome.self, from: $0) }
    let training = outcome.flatMap { JSONText.decode(TrainingOutcome.self, from: $0) }
    self.training = training?.isConsistent == true ? training : nil
    network = outcome.flatMap { JSONText.decode(NetworkOutcome.self, from: $0) }
    truth =
      ending?.truth.flatMap { JSONText.decode([String: DeviceTruth].self, from: $0) } ?? [:]
  }

  /// Every figure that the notes allow.
  public var figures: [NamedFigure] {
    var figures = SwordsFigures.all(swords)
    if let figure = ZeroShiftFigure.make(zeroShifts) { figures.append(figure) }
    if let figure = SettlingFigure.make(training) { figures.append(figure) }
    figures += trainings.flatMap(\.all)
    if let figure = WatchFigure.make(watches) { figures.append(figure) }
    return figures + networkFigures.all
  }

  /// Every table of the notes, with units in the header.
  public var tables: [(name: String, table: CSVTable)] {
    notebook.tables.map { filled in
      var table = CSVTable(
        columns: filled.table.columns.map { .init($0.name, unit: $0.unit.isEmpty ? nil : $0.unit) })
      let width = filled.table.columns.count
      for start in stride(from: 0, to: filled.values.count, by: width) {
        // A row has the columns of its table: the notebook sees to that.
        try? table.append(filled.values[start..<start + width].map { .number($0) })
      }
      return (filled.table.name, table)
    }
  }

  /// Writes `report.html`, every table as CSV and every figure into `folder`: as
  /// SVG, and in the formats of the rasteriser where there is one.
  ///
  /// - Returns: the page.
  /// - Throws: `FigureError`, `RasteriserError`; errors of the file system.
  public func write(to folder: URL, rasteriser: Rasteriser?) throws -> URL {
    let images = try figures.write(to: folder, rasteriser: rasteriser)
    var names = FileNames()
    for (name, table) in tables {
      let url = folder.appendingPathComponent(names.name(for: name)).appendingPathExtension("csv")
      try NewFile.write(table.text().utf8, to: url)
    }
    let page = folder.appendingPathComponent("report.html")
    try NewFile.write(self.page(images).html().utf8, to: page)
    return page
  }

  // MARK: What the notes hold

  /// The names behind `prefix` in the order of the tables.
  private func names(_ prefix: String) -> [String] {
    notebook.tables.map(\.table.name).filter { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count))
    }
  }

  /// A table, where it has all of the columns that a figure needs.
  private func table(_ name: String, with columns: String...) -> Notebook.Filled? {
    table(name, with: columns)
  }

  private func table(_ name: String, with columns: [String]) -> Notebook.Filled? {
    guard let filled = notebook.table(name) else { return nil }
    let known = Set(filled.table.columns.map(\.name))
    return known.isSuperset(of: columns) ? filled : nil
  }

  private func finding<Value: Decodable>(_ name: String, as type: Value.Type) -> Value? {
    notebook.findings[name].flatMap { JSONText.decode(type, from: $0) }
  }

  private var swords: [SwordsData] {
    names("swords ").compactMap { device in
      guard let table = table("swords \(device)", with: "pulse", "direction", "conductance")
      else { return nil }
      return SwordsData(
        device: device, pulses: table["pulse"], directions: table["direction"],
        conductances: table["conductance"],
        fit: finding("swords \(device)", as: CrossedSwords.self), unit: "S")
    }
  }

  private var zeroShifts: [(name: String, table: Notebook.Filled, finding: ZeroShiftFinding)] {
    names("zero-shift ").compactMap { device in
      guard let table = table("zero-shift \(device)", with: "pair", "up", "down"),
        let finding = finding("zero-shift \(device)", as: ZeroShiftFinding.self)
      else { return nil }
      return (device, table, finding)
    }
  }

  private var watches: [(name: String, table: Notebook.Filled)] {
    names("watch ").compactMap { device in
      table("watch \(device)", with: "sample", "drift", "error", "tolerance").map { (device, $0) }
    }
  }

  private func networkTables(
    _ prefix: String, _ columns: String...
  ) -> [(label: String, table: Notebook.Filled)] {
    names(prefix).compactMap { label in
      table(prefix + label, with: columns).map { (label, $0) }
    }
  }

  private var networkFigures: NetworkFigures {
    var curves = networkTables("curve ", "epoch", "test")
    for companion in companions {
      for (label, table) in companion.networkTables("curve ", "epoch", "test") {
        let isTaken = curves.contains { $0.label == label }
        curves.append((isTaken ? "\(label), \(companion.name)" : label, table))
      }
    }
    let unigrams = ([self] + companions).compactMap(\.network?.unigramCrossEntropy)
    return NetworkFigures(
      curves: curves, traces: networkTables("weight ", "characters", "A", "C"),
      unigram: unigrams.first)
  }

  private var trainings: [TrainingFigures] {
    names("weights").compactMap { label in
      guard let weights = table("weights\(label)", with: "sample") else { return nil }
      // One-parameter runs put their target into the label.
      let own = Double(label.trimmingCharacters(in: .whitespaces)).map { [$0] }
      guard let targets = own ?? training?.target ?? declaredTargets else { return nil }
      let devices = weights.table.columns.count - 1
      guard !targets.isEmpty, devices % targets.count == 0, devices / targets.count <= 2 else {
        return nil
      }
      return TrainingFigures(
        weights: weights, error: table("error\(label)", with: "sample", "error"), targets: targets,
        suffix: label.replacing(" ", with: "-"))
    }
  }

  /// The targets of the protocol, for a run that has no outcome.
  private var declaredTargets: [Double]? {
    guard let document = try? Document(name: "", text: manifest.protocol.text),
      let overrides = try? Overrides(settings: manifest.settings.map { "\($0.key)=\($0.value)" })
    else { return nil }
    let reader = Reader(document, overrides: overrides)
    return reader.has("target") ? reader.numbers("target").value : nil
  }
}
