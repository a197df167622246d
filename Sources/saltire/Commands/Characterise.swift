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
    Console.print("curve  \(measured.summary)")
    Console.print("\(report.name), with 95 % intervals")
    func line(_ name: String, _ value: Double?, _ key: String, unit: String = "") {
      guard let interval = device.intervals?[key] else { return }
      let ends = interval.map { $0.map { uncertain($0, unit: unit) } ?? "open" }
      let value = value.map { uncertain($0, unit: unit) } ?? "unknown"
      Console.print("  \(name)  \(value), \(ends[0]) … \(ends[1])")
    }
    line("symmetry point  ", device.symmetryPoint?.value, "symmetry_point", unit: measured.unit)
    line("states          ", device.states, "states")
    line("γ up            ", device.gammaUp, "gamma_up")
    line("γ down          ", device.gammaDown, "gamma_down")
    line("κ               ", device.kappa, "kappa")
    line("cycle-to-cycle  ", device.cycleToCycle, "cycle_to_cycle")
    line("read noise      ", device.readNoise, "read_noise", unit: measured.unit)
    Console.print("report  \(page.relativePath)")
  }
}
