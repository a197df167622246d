import Foundation
import SaltireBenches
import SaltireCore
import SaltireLinks
import SaltirePrograms
import SaltireSimulation
import SaltireTesting
import SaltireServe

/// A simulated lab that outlives the programs on it, so that the actual state of its outputs and
/// devices is known.
final class ServedRig: Sendable {
  private let served: ServedLab
  let folder: TemporaryFolder
  let wiring: Wiring

  /// - Parameters:
  ///   - bench: the name of one that ships.
  ///   - settings: overrides of its values in the lab.
  init(_ bench: String, _ settings: [String] = []) throws {
    let path = Command.root.appendingPathComponent("instruments/benches/\(bench).yaml")
    let file = try BenchFile(
      Document(name: path.path, text: try String(contentsOf: path, encoding: .utf8)),
      overrides: Overrides(settings: settings))
    let served = try ServedLab(file, seed: 1)
    self.served = served
    wiring = file.wiring
    folder = try TemporaryFolder()
    _ = try folder.write(served.bench, "bench.yaml")
    let thread = Thread { served.run() }
    thread.start()
  }

  deinit { served.interrupt.fire() }

  /// Pulses that each device has had.
  var pulses: [String: Int] { served.lab.devices.mapValues(\.pulses) }
  var totalPulses: Int { pulses.values.reduce(0, +) }

  /// The channels that are on.
  var energised: [String] { served.outputs.filter(\.isOn).map(\.channel) }

  /// Every session in the folder "out".
  var sessions: [URL] {
    folder.content("out").filter { $0.hasSuffix(".saltire") }.map { folder["out/\($0)"] }
  }

  /// Arguments of a run in it, into the folder "out".
  func run(_ name: String, _ settings: [String]) -> [String] {
    [
      "run", "protocols/\(name).yaml", "--bench", folder.path("bench.yaml"), "--out",
      folder.path("out"),
    ] + settings.flatMap { ["--set", $0] }
  }

  /// What in front of a program puts the disk shim between it and the files in
  /// `folder`.
  static func shim(over folder: URL, _ settings: [String: String]) -> [String] {
    let library = Command.program("saltire").deletingLastPathComponent()
      .appendingPathComponent("libdisk-shim.so").path
    return ["LD_PRELOAD=\(library)", "DISK_SHIM_PATH=\(folder.path)"]
      + settings.map { "DISK_SHIM_\($0.key)=\($0.value)" }.sorted()
  }
}
