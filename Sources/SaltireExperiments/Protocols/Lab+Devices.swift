import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltirePrograms
import SaltireRecords

extension Lab {
  /// Reads one device `count` times and returns the mean, siemens.
  mutating func conductance(
    _ site: Wiring.Site, _ settings: PulseSettings, reads count: Int = 1
  ) async throws(BenchError) -> Double {
    let observations = try await perform(Program([.repeat(count, [settings.read(site)])]))
    return settings.conductance(
      observations.currents.reduce(0, +) / Double(count), of: site)
  }

  /// Gives a device pulses without reading it.
  mutating func pulse(
    _ site: Wiring.Site, _ direction: PulseDirection, count: Int, _ settings: PulseSettings
  ) async throws(BenchError) {
    _ = try await perform(
      Program([
        .repeat(count, [settings.pulse(site, direction), .rest(settings.settle)])
      ]))
  }

  /// Brings a device to `target` siemens by counted pulses and reads, to
  /// within one step; gives up quietly after 50 tries, as noise may forbid it.
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

  /// Measures and analyses one device's crossed swords.
  mutating func characterise(
    _ site: Wiring.Site, _ swords: SwordsSettings, _ settings: PulseSettings
  ) async throws(BenchError) -> Result<CrossedSwords, NoSymmetryPoint> {
    try note(.phase("crossed swords \(site.device)"))
    let response = try await crossedSwords(site, swords, settings)
    let analysis = Result { () throws(NoSymmetryPoint) in try CrossedSwords(response) }
    if case .success(let found) = analysis { try note("swords \(site.device)", found) }
    return analysis
  }

  /// Measures crossed swords on one device, noting every read.
  private mutating func crossedSwords(
    _ site: Wiring.Site, _ swords: SwordsSettings, _ settings: PulseSettings
  ) async throws(BenchError) -> PulseResponse {
    let table = Note.Table(
      "swords \(site.device)",
      [
        .init("pulse"), .init("cycle"), .init("direction"), .init("time", unit: "s"),
        .init("conductance", unit: "S"),
      ])
    var last = try await conductance(site, settings)
    if swords.start == .low {
      // Read on the way, so that a turning point and the bench's window hold.
      var left = swords.pulses
      while left > 0, !swords.turns(.down, at: last) {
        let count = min(left, swords.turn == nil ? 50 : 1)
        try await pulse(site, .down, count: count, settings)
        last = try await conductance(site, settings)
        left -= count
      }
    }
    try note(.rows(table, [0, 1, 0, time, last]))
    var count = 0
    var branches: [Branch] = []
    for cycle in 1...swords.cycles {
      for direction in [PulseDirection.up, .down] {
        var reads = [last]
        while reads.count <= swords.pulses, !swords.turns(direction, at: last) {
          // A branch that must turn at a conductance is watched pulse by pulse.
          let size = swords.turn == nil ? min(50, swords.pulses + 1 - reads.count) : 1
          let observations = try await perform(
            Program([
              .repeat(
                size,
                [settings.pulse(site, direction), .rest(settings.settle), settings.read(site)])
            ]))
          let every = observations.duration / Double(size)
          var rows: [Double] = []
          for (index, current) in observations.currents.enumerated() {
            count += 1
            last = settings.conductance(current, of: site)
            reads.append(last)
            let end = observations.start + Double(index + 1) * every
            rows += [Double(count), Double(cycle), direction == .up ? 1 : -1, end, last]
          }
          try note(.rows(table, rows))
        }
        branches.append(Branch(direction: direction, conductances: reads))
      }
    }
    return PulseResponse(branches: branches)
  }
}
