import ArgumentParser
import Foundation
import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltireExperiments
import SaltireFigures
import SaltireRecords
import SaltireFigures

struct Characterise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Analyse a measured pulse response (CSV): crossed swords and symmetry point.",
    discussion: """
      The file has two columns: the conductance after each up pulse and after each down pulse, in \
      any unit. To train on such a device: saltire run protocols/shd.yaml --bench \
      instruments/benches/model-measured.yaml --set devices.curve=CURVE.csv
      """)

  @Argument(help: "The pulse response.", completion: .file(extensions: ["csv"]))
  var curve: String

  @Option(help: "The folder for the report.", completion: .directory)
  var out = "out"

  @Flag(help: "Print one JSON document at the end.")
  var json = false

  func run() async throws {
    try await reporting(json: json) {
      let bytes = try BoundedFile.bytes(curve, limit: MeasuredCurve.longest)
      let measured = try MeasuredCurve(csv: String(decoding: bytes, as: UTF8.self), file: curve)
      let name = URL(fileURLWithPath: curve).deletingPathExtension().lastPathComponent
      let report = CurveReport(measured, name: name)
      let folder = URL(fileURLWithPath: out).appendingPathComponent(name)
      let rasteriser = Result { () throws(RasteriserError) in try Rasteriser() }
      let page = try report.write(to: folder, rasteriser: try? rasteriser.get())
      show(report, page)
      if let verdict = report.outcome.verdict {
        throw Failure(.verdict, "\(name): \(verdict.text)")
      }
      // The page and its SVG figures are complete without a rasteriser.
      _ = try rasteriser.get()
    }
  }

  private func show(_ report: CurveReport, _ page: URL) {
    let device = report.outcome
    if json {
      let outcome = JSONValue(text: JSONText.encode(["devices": [report.name: device]])) ?? .null
      let document = JSONValue.object([
        "curve": .string(curve), "report": .string(page.relativePath), "outcome": outcome,
      ])
      Console.print(document.text(indented: true))
      return
    }
    func line(_ name: String, _ value: Double?) {
      if let value {
        Console.print("  \(name)  \(uncertain(value))")
      }
    }
    Console.print(report.name)
    if let point = device.symmetryPoint {
      Console.print(
        "  symmetry point  \(uncertain(point.value, standardError: point.standardError))")
    }
    line("states          ", device.states)
    line("γ up            ", device.gammaUp)
    line("γ down          ", device.gammaDown)
    line("κ               ", device.kappa)
    line("cycle-to-cycle  ", device.cycleToCycle)
    line("read noise      ", device.readNoise)
    Console.print("report  \(page.relativePath)")
  }
}
