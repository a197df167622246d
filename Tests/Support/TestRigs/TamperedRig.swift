package import SaltireBenches
import SaltireInstruments
import SaltireLinks
package import SaltirePrograms
package import SaltireRig
package import SaltireSimulation
package import SaltireTesting
import Testing

/// A simulated lab whose links can be tampered with, and benches on it, one after another:
/// that of a run, and those of whoever makes safe what it left.
package final class TamperedRig {
  package let file: BenchFile
  package let lab: SimulatedLab
  /// By instrument.
  package let tampering: [String: TamperedLink.Tampering]

  package init(_ bench: String, _ settings: [String] = []) throws {
    file = try Shipped.bench(bench, settings)
    let station = try #require(file.station)
    lab = SimulatedLab(
      station.plan(wiring: file.wiring, devices: file.devices), seed: 1, faults: [])
    tampering = Dictionary(
      uniqueKeysWithValues: station.instruments.map { ($0.name, TamperedLink.Tampering()) })
  }

  /// A bench with connections of its own.
  package func bench() throws -> LiveBench {
    let station = try #require(file.station)
    let (lab, tampering) = (lab, tampering)
    let instruments = station.instruments.map { entry in
      Instrument(name: entry.name, definition: entry.definition, model: entry.model) {
        () throws(LinkError) in
        TamperedLink(try lab.open(entry.name), tampering[entry.name]!)
      }
    }
    return LiveBench(
      wiring: file.wiring, station: station, instruments: instruments, clock: lab)
  }

  /// A bench that is armed.
  package func armed() async throws -> LiveBench {
    let live = try bench()
    _ = try await live.connect()
    try await live.arm()
    return live
  }

  /// Which outputs are on, in truth.
  package var energised: [Terminal] {
    file.wiring.terminals.filter { terminal in
      guard let channel = file.station?.channels[terminal] else { return false }
      return lab.isOutputOn(channel.name, of: channel.instrument) ?? false
    }
  }
}
