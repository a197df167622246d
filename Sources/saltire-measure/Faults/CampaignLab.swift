import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import SaltireTesting
import SaltireServe

/// A lab in this process that outlives the runs on it, so that the actual state of outputs and
/// devices is known.
final class CampaignLab: Sendable {
  let served: ServedLab
  let file: BenchFile
  let folder: URL
  private let usb: [EmulatedUSB]

  var lab: SimulatedLab { served.lab }
  var benchPath: String { folder.appendingPathComponent("bench.yaml").path }

  /// - Parameter host: a separate address for instruments that accept one client at a time.
  init(
    _ work: CampaignCase.Work, _ transport: CampaignCase.Transport, faults: [LabFault],
    host: String? = nil, in folder: URL
  ) throws {
    self.folder = folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    file = try Self.bench(work)
    let served = try ServedLab(
      file, seed: 1, faults: faults, host: host ?? "127.0.0.1", isSerial: transport == .pty,
      isSingle: host != nil)
    self.served = served
    var text = served.bench
    var usb: [EmulatedUSB] = []
    if transport == .usb {
      // A separate USB device for every instrument's socket.
      for entry in file.station?.instruments ?? [] {
        guard let port = served.port(of: entry.name) else { continue }
        let device = try EmulatedUSB(["backend": "tcp:127.0.0.1:\(port)"])
        usb.append(device)
        text = text.replacingOccurrences(
          of: Resource.socket(host: "127.0.0.1", port: port).description,
          with: device.resource.description)
      }
    }
    self.usb = usb
    try text.write(
      toFile: folder.appendingPathComponent("bench.yaml").path, atomically: true, encoding: .utf8)
    let thread = Thread { served.run() }
    thread.start()
  }

  func end() { served.interrupt.fire() }

  /// The channels that are on.
  var energised: [String] { served.outputs.filter(\.isOn).map(\.channel) }

  /// The number of pulses of each device.
  var pulses: [String: Int] { lab.devices.mapValues(\.pulses) }

  static func bench(_ work: CampaignCase.Work) throws -> BenchFile {
    let name = work == .shd ? "simulated" : "simulated-one-device"
    let path = "instruments/benches/\(name).yaml"
    return try BenchFile(
      Document(name: path, text: String(contentsOfFile: path, encoding: .utf8)))
  }

  /// The arguments that make a short run of a protocol.
  static func arguments(_ work: CampaignCase.Work) -> [String] {
    let (name, settings): (String, [String]) =
      switch work {
      case .longSwords: ("crossed-swords", ["swords.pulses=1000", "swords.cycles=30"])
      case .swords: ("crossed-swords", ["swords.pulses=80", "swords.cycles=1"])
      case .swordsHostStepped:
        ("crossed-swords", ["swords.pulses=40", "swords.cycles=1", "engine=host-stepped"])
      case .zeroShift:
        ("zero-shift", ["swords.pulses=60", "swords.cycles=1", "zero_shift.pairs=150"])
      case .shd:
        (
          "shd",
          [
            "swords.pulses=30", "swords.cycles=1", "reference=mid-window", "samples=20",
            "devices.states=60",
          ]
        )
      }
    return ["protocols/\(name).yaml"]
      + (settings
      + ["guardian.heartbeat=100 ms", "guardian.persistence=60 s", "resume.gap=0 s"]).flatMap {
        ["--set", $0]
      }
  }
}
