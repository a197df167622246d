internal import ArgumentParser
internal import Foundation
internal import SaltireCore
internal import SaltireLab

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a bench file, or a protocol against a bench. Nothing runs.")

  @Argument(
    help: "A bench file, or with --bench a protocol file.", completion: .file(extensions: ["yaml"]))
  var file: String

  @Option(help: "The bench to hold a protocol against.", completion: .file(extensions: ["yaml"]))
  var bench: String?

  @Option(name: .customLong("set"), help: "Replace a value: key=value. Repeatable.")
  var settings: [String] = []

  func run() async throws {
    try await reporting {
      if let bench {
        let inputs = try Inputs(protocol: file, bench: bench, settings: settings)
        Console.print(
          "\(file): a \(inputs.experiment.name) protocol, within the limits of \(bench)")
      } else {
        let document = try Document(path: file)
        if Reader(document).has("experiment") {
          throw Failure(
            .usage, "\(file) is a protocol: say which bench to hold it against",
            hints: ["saltire check \(file) --bench instruments/benches/model.yaml"])
        }
        let bench = try BenchFile(document, overrides: Overrides(arguments: settings))
        Console.print("\(file): a \(bench.kind.rawValue) bench")
        for array in bench.wiring.arrays {
          let devices = array.sites.map { "\($0.device) (gate \($0.gate), drain \($0.drain))" }
          Console.print(
            "  array \(array.name)  row \(array.row?.name ?? "ground"): \(devices.joined(separator: ", "))"
          )
        }
        for (name, value) in bench.limits.summary.sorted(by: { $0.key < $1.key }) {
          Console.print("  limit  \(name)  \(value)")
        }
      }
    }
  }
}
