import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltirePrograms
import SaltireRecords

extension Lab {
  /// Measures and analyses one device's crossed swords.
  mutating func characterise(
    _ site: Wiring.Site, _ swords: SwordsSettings, _ settings: PulseSettings
  ) async throws(BenchError) -> Result<CrossedSwords, NoSymmetryPoint> {
    try note(.phase("crossed swords \(site.device)"))
    let response = try await crossedSwords(site, swords, settings)
    return try find(.swords, of: site.device) { () throws(NoSymmetryPoint) in
      try CrossedSwords(response)
    }
  }

  /// Measures the crossed swords of one device and records every read.
  private mutating func crossedSwords(
    _ site: Wiring.Site, _ swords: SwordsSettings, _ settings: PulseSettings
  ) async throws(BenchError) -> PulseResponse {
    var last = try await conductance(site, settings)
    if swords.start == .low {
      // Performs the initial down pulses in programs with reads, so that turning points and the
      // conductance window are respected.
      var left = swords.pulses
      while left > 0, !swords.turns(.down, at: last) {
        let count = min(left, swords.turn == nil ? 50 : 1)
        try await pulse(site, .down, count: count, settings)
        last = try await conductance(site, settings)
        left -= count
      }
    }
    try record(SwordsTable.self, of: site.device, [0, 1, 0, time, last])
    var count = 0
    var branches: [Branch] = []
    for cycle in 1...swords.cycles {
      for direction in [PulseDirection.up, .down] {
        var reads = [last]
        while reads.count <= swords.pulses, !swords.turns(direction, at: last) {
          // A branch that turns at a given conductance is read after every pulse.
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
          try record(SwordsTable.self, of: site.device, rows)
        }
        branches.append(Branch(direction: direction, conductances: reads))
      }
    }
    return PulseResponse(branches: branches)
  }
}
