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
      The file is text with a column of reads after up pulses and one after down pulses, or one \
      column with both in turn, in any unit. What was understood is printed; what the file leaves \
      open is asked for. To train on such a device: saltire run protocols/shd.yaml --bench \
      instruments/benches/model-measured.yaml --set devices.curve=CURVE.csv
      """)

  @Argument(help: "The pulse response.", completion: .file(extensions: ["csv"]))
  var curve: String

  @OptionGroup var reading: CurveOptions

  @Option(help: "The folder for the report.", completion: .directory)
  var out = "out"

  @Flag(help: "Print one JSON document at the end.")
  var json = false

  func run() async throws {
    try await reporting(json: json) {
      let measured = try MeasuredCurve(
        contentsOf: Located(curve), format: try reading.format())
      let name = URL(fileURLWithPath: curve).deletingPathExtension().lastPathComponent
      let report = CurveReport(measured, name: name)
      let folder = URL(fileURLWithPath: out).appendingPathComponent(name)
      let rasteriser = Result { () throws(RasteriserError) in try Rasteriser() }
      let page = try report.write(to: folder, rasteriser: try? rasteriser.get())
      show(report, measured, page)
      if let verdict = report.outcome.verdict {
        throw Failure(.verdict, "\(name): \(verdict.text)")
      }
      // The page and its SVG figures are complete without a rasteriser.
      _ = try rasteriser.get()
    }
  }

  private func show(_ report: CurveReport, _ measured: MeasuredCurve, _ page: URL) {
    let device = report.outcome
    if json {
      let outcome = JSONValue(text: JSONText.encode(["devices": [report.name: device]])) ?? .null
      let document = JSONValue.object([
        "curve": .string(curve), "read_as": .string(measured.summary),
        "report": .string(page.relativePath), "outcome": outcome,
      ])
      Console.print(document.text(indented: true))
      return
    }
    func line(_ name: String, _ value: Double?, unit: String = "") {
      if let value {
        Console.print("  \(name)  \(uncertain(value, unit: unit))")
      }
    }
    Console.print("curve  \(measured.summary)")
    Console.print(report.name)
    if let point = device.symmetryPoint {
      Console.print(
        "  symmetry point  \(uncertain(point.value, standardError: point.standardError, unit: measured.unit))"
      )
    }
    line("states          ", device.states)
    line("γ up            ", device.gammaUp)
    line("γ down          ", device.gammaDown)
    line("κ               ", device.kappa)
    line("cycle-to-cycle  ", device.cycleToCycle)
    line("read noise      ", device.readNoise, unit: measured.unit)
    Console.print("report  \(page.relativePath)")
  }
}
