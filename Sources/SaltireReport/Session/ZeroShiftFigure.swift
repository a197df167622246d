import SaltireAnalysis
import SaltireCore
import SaltireExperiments
import SaltireFigures
import SaltireRecords

/// How zero-shifting went, a panel a device.
enum ZeroShiftFigure {
  static func make(_ devices: [(name: String, table: Notebook.Filled, finding: ZeroShiftFinding)])
    -> NamedFigure?
  {
    guard !devices.isEmpty else { return nil }
    let columns = devices.count == 1 ? 1 : 2
    let rows = (devices.count + columns - 1) / columns
    return NamedFigure(
      "zero-shift",
      Figure(
        panels: devices.enumerated().map { panel($0.element, tag($0.offset, $0.element.name)) },
        columns: columns, width: columns == 1 ? 640 : 900, height: columns == 1 ? 400 : 300 * rows),
      caption: "Zero-shifting: the mean of the two reads of every pair, the means of blocks (one"
        + " relaxation long) with their standard errors, and the resulting symmetry point with its"
        + " 95 % interval. The first block is left out of the result.")
  }

  private static func panel(
    _ device: (name: String, table: Notebook.Filled, finding: ZeroShiftFinding), _ tag: String
  ) -> Figure.Panel {
    let finding = device.finding
    let pairs = device.table["pair"]
    let means = zip(device.table["up"], device.table["down"]).map { ($0 + $1) / 2 }
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
