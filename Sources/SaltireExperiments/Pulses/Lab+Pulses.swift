import SaltireCore
import SaltireDevices
import SaltirePrograms

extension Lab {
  /// Reads one device `count` times and returns the mean, in siemens.
  mutating func conductance(
    _ site: Wiring.Site, _ settings: PulseSettings, reads count: Int = 1
  ) async throws(BenchError) -> Double {
    let observations = try await perform(Program([.repeat(count, [settings.read(site)])]))
    return settings.conductance(
      observations.currents.reduce(0, +) / Double(count), of: site)
  }

  /// Applies pulses to a device without reading it.
  mutating func pulse(
    _ site: Wiring.Site, _ direction: PulseDirection, count: Int, _ settings: PulseSettings
  ) async throws(BenchError) {
    _ = try await perform(
      Program([
        .repeat(count, [settings.pulse(site, direction), .rest(settings.settle)])
      ]))
  }

  /// Brings a device to within one step of `target` siemens with counted pulses and reads. Gives up
  /// without an error after 50 attempts, because noise may make the target unreachable.
  mutating func bring(
    _ site: Wiring.Site, to target: Double, step: Double, _ settings: PulseSettings
  ) async throws(BenchError) {
    for _ in 0..<50 {
      let now = try await conductance(site, settings, reads: 4)
      let distance = abs(now - target)
      if distance <= step { return }
      let count = min(max(Int((distance / step).rounded()), 1), 100)
      try await pulse(site, target > now ? .up : .down, count: count, settings)
    }
  }

  /// Applies alternating pulse pairs to one device in one program and returns the reads after both
  /// pulses of each pair, in siemens.
  mutating func pairs(
    _ site: Wiring.Site, _ count: Int, _ settings: PulseSettings
  ) async throws(BenchError) -> (up: [Double], down: [Double]) {
    let observations = try await perform(
      Program([
        .repeat(
          count,
          [
            settings.pulse(site, .up), .rest(settings.settle), settings.read(site),
            settings.pulse(site, .down), .rest(settings.settle), settings.read(site),
          ])
      ]))
    let reads = observations.currents.map { settings.conductance($0, of: site) }
    return (
      stride(from: 0, to: reads.count, by: 2).map { reads[$0] },
      stride(from: 1, to: reads.count, by: 2).map { reads[$0] }
    )
  }
}
