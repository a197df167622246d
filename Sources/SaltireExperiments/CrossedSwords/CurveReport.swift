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
  private let analysis: Result<CrossedSwords, NoSymmetryPoint>

  /// Analyses a curve in its own unit, which is not known.
  public init(_ curve: MeasuredCurve, name: String) {
    self.name = name
    self.curve = curve
    let turn = Array(curve.up.suffix(1))
    let response = PulseResponse(branches: [
      Branch(direction: .up, conductances: curve.up),
      Branch(direction: .down, conductances: turn + curve.down),
    ])
    analysis = Result { () throws(NoSymmetryPoint) in
      var swords = try CrossedSwords(response)
      swords.symmetryPoint?.unit = ""
      return swords
    }
    outcome = DeviceOutcome(analysis)
  }

  public var figures: [NamedFigure] {
    let up = curve.up.indices.map { Double($0 + 1) }
    let down = curve.down.indices.map { Double($0 + 1 + curve.up.count) }
    return SwordsFigures.all([
      SwordsData(
        device: name, pulses: up + down,
        directions: [0] + up.dropFirst().map { _ in 1.0 } + down.map { _ in -1.0 },
        conductances: curve.up + curve.down, fit: try? analysis.get(), unit: "")
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
        .init("Device", [DeviceSummary.table([name: outcome], unit: "")]),
        .init("Figures", images.map { .figure($0.image, caption: $0.figure.caption) }),
        .init("Provenance", [.keyValues([.init("curve", curve.file)])]),
      ])
    let url = folder.appendingPathComponent("report.html")
    try NewFile.write(page.html().utf8, to: url)
    return url
  }
}
