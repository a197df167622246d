import SaltireAnalysis
import SaltireCore
import SaltireFigures
import SaltireRecords

/// The course of zero-shifting, with one panel for each device.
enum ZeroShiftFigure {
  /// The figure, if a device was zero-shifted.
  static func all(of notebook: Notebook) -> [NamedFigure] {
    let panels = notebook.tables(ZeroShiftTable.self).enumerated().compactMap { index, table in
      notebook.finding(.zeroShift, of: table.subject).map {
        panel(table, $0, tag(index, table.subject))
      }
    }
    if panels.isEmpty { return [] }
    return [
      NamedFigure(
        "zero-shift", Figure(devices: panels),
        caption: "Zero-shifting: the mean of the two reads of every pulse pair, the means of blocks"
          + " (each one relaxation long) with standard errors, and the resulting symmetry point"
          + " with its 95 % confidence interval. The result excludes the first block.")
    ]
  }

  private static func panel(
    _ table: Recorded<ZeroShiftTable>, _ finding: ZeroShiftFinding, _ tag: String
  ) -> Figure.Panel {
    let pairs = table[.pair]
    let means = zip(table[.up], table[.down]).map { ($0 + $1) / 2 }
    let scale = EngineeringScale(means, unit: "S")
    let shown = thinned(means.indices, to: 2000)
    let length = Double(finding.blockLength)
    let centres = finding.blockMeans.indices.map { (Double($0) + 0.5) * length }
    let ends = [min(length, pairs.last ?? length), pairs.last ?? length]
    var band: [Figure.Layer] = []
    if let estimate = finding.estimate {
      let half = 1.96 * estimate.standardError
      band = [
        .band(
          ends, lower: scale(ends.map { _ in estimate.value - half }),
          upper: scale(ends.map { _ in estimate.value + half }),
          label: uncertain(estimate.value, standardError: estimate.standardError, unit: "S")
            + " (95 % shown)", style: .init(colour: .green))
      ]
    }
    return .init(
      x: .init("Pulse pair"), y: scale.axis("Conductance"),
      layers: [
        .points(
          shown.map { pairs[$0] }, shown.map { scale(means[$0]) }, label: "pairs",
          style: .init(colour: .sky, weight: .faint))
      ] + band + [
        .errorBars(
          centres, scale(finding.blockMeans),
          yError: scale(centres.map { _ in finding.blockError }), label: "blocks",
          style: .init(colour: .black, shape: .diamond))
      ], legend: .above, tag: tag)
  }
}
