package import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireLinks
package import SaltirePrograms
package import SaltireRecords
package import SaltireRig
package import SaltireSimulation
import Synchronization
import Testing

/// A simulated bench with its transcript at hand.
package final class LiveRig {
  package let file: BenchFile
  package let live: LiveBench
  package let lab: SimulatedLab
  private let wire = Wire()

  private final class Wire: Sendable {
    let lines = Mutex<[Transcript.Line]>([])
  }

  /// Not connected yet.
  package init(
    _ bench: String = "simulated", seed: UInt64 = 1, _ settings: [String] = [],
    faults: [LabFault] = []
  ) throws {
    file = try Shipped.bench(bench, settings)
    let wire = wire
    let open = try OpenBench(file, seed: seed, faults: faults) { name, event in
      wire.lines.withLock { $0.append(.init(instrument: name, event: event)) }
    }
    live = try #require(open.live)
    lab = try #require(open.lab)
  }

  /// A bench that is armed.
  package static func armed(
    _ bench: String = "simulated", seed: UInt64 = 1, _ settings: [String] = [],
    faults: [LabFault] = []
  ) async throws -> LiveRig {
    let rig = try LiveRig(bench, seed: seed, settings, faults: faults)
    _ = try await rig.live.connect()
    try await rig.live.arm()
    return rig
  }

  package var transcript: [Transcript.Line] { wire.lines.withLock { $0 } }

  /// What was sent to an instrument, or to all, as texts.
  package func sent(to instrument: String? = nil) -> [String] {
    transcript.filter { $0.event.kind == .sent && (instrument ?? $0.instrument) == $0.instrument }
      .map { String(decoding: $0.event.bytes, as: UTF8.self) }
  }

  package func forget() { wire.lines.withLock { $0 = [] } }

  /// Which outputs are on, in truth.
  package var energised: [Terminal] {
    file.wiring.terminals.filter { terminal in
      guard let channel = file.station?.channels[terminal] else { return false }
      return lab.isOutputOn(channel.name, of: channel.instrument) ?? false
    }
  }
}
