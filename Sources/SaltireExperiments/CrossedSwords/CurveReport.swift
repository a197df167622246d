public import Foundation
import SaltireAnalysis
import SaltireCore
public import SaltireDevices
public import SaltireFigures

/// The analysis and figures of a pulse response from elsewhere, as in the report of a session.
public struct CurveReport: Sendable {
  public let name: String
  public let outcome: DeviceOutcome
  private let curve: MeasuredCurve
  private let analysis: Result<DeviceEstimate, NoSymmetryPoint>

  /// Analyses a curve in its own unit.
  public init(_ curve: MeasuredCurve, name: String) {
    self.name = name
    self.curve = curve
    analysis = Result { () throws(NoSymmetryPoint) in try DeviceEstimate(PulseResponse(curve)) }
    outcome = DeviceOutcome(analysis, unit: curve.unit)
  }

  public var figures: [NamedFigure] {
    let reads = curve.cycles.flatMap { $0.up + $0.down }
    let directions = curve.cycles.flatMap { $0.up.map { _ in 1.0 } + $0.down.map { _ in -1.0 } }
    return SwordsFigures.all([
      SwordsData(
        device: name, pulses: reads.indices.map { Double($0 + 1) },
        // Where the first pulse began is not known.
        directions: [0] + directions.dropFirst(),
        conductances: reads,
        fit: (try? analysis.get()).map { SwordsFit($0, symmetryPoint: outcome.symmetryPoint) },
        unit: curve.unit)
    ])
  }

  /// Writes `report.html` and the figures into `folder`, as SVG and in the formats of the
  /// rasteriser, if given.
  ///
  /// - Returns: the page.
  /// - Throws: `FigureError`, `RasteriserError`; errors of the file system.
  public func write(to folder: URL, rasteriser: Rasteriser?) throws -> URL {
    let verdict =
      outcome.verdict?.text ?? "The up and down curves cross: the device has a symmetry point."
    let images = try figures.write(to: folder, rasteriser: rasteriser)
    let page = HTMLReport(
      title: name, verdict: verdict, status: outcome.verdict == nil ? .ok : .warning,
      sections: [
        .init("Device", [DeviceSummary.table([name: outcome], unit: curve.unit)]),
        .init("Figures", images.map { .figure($0.image, caption: $0.figure.caption) }),
        .init("Provenance", [.keyValues([.init("curve", curve.summary)])]),
      ])
    let url = folder.appendingPathComponent("report.html")
    try NewFile.write(page.html().utf8, to: url)
    return url
  }
}
