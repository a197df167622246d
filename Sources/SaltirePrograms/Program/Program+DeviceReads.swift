/// A read of a single device: its drain is driven and its current measured.
package struct DeviceRead: Sendable {
  package var site: Wiring.Site
  package var drive: Reading.Drive
  /// Seconds.
  package var integration: Double
  /// The measured current, in amperes into the instrument.
  package var current: Double
  /// The sum of the currents of all its terminals in amperes: leakage through the gate or
  /// elsewhere. Nil if one of them was not measured.
  package var lost: Double?

  /// Siemens.
  package var conductance: Double { site.meterSign * current / drive.level }

  /// The same read as a separate step.
  package var step: Step {
    .read(Reading(drives: [drive], measures: [site.meter], integration: integration))
  }
}

extension Program {
  /// Calls `body` for every read of a single device, in order.
  package func forEachDeviceRead<Failure: Error>(
    on wiring: Wiring, _ currents: [Double], _ body: (DeviceRead) throws(Failure) -> Void
  ) throws(Failure) {
    var position = 0
    try Self.walk(steps, wiring, currents, &position, body)
  }

  private static func walk<Failure: Error>(
    _ steps: [Step], _ wiring: Wiring, _ currents: [Double], _ position: inout Int,
    _ body: (DeviceRead) throws(Failure) -> Void
  ) throws(Failure) {
    for step in steps {
      switch step {
      case .train, .rest: break
      case .repeat(let times, let inside):
        // Bounded even for a huge repeat count: there are no more readings than currents.
        guard inside.contains(where: { $0.readings > 0 }) else { break }
        for _ in 0..<times {
          guard position < currents.count else { break }
          try walk(inside, wiring, currents, &position, body)
        }
      case .read(let reading):
        let own = currents.dropFirst(position).prefix(reading.measures.count)
        position += reading.measures.count
        if let read = reading.deviceRead(on: wiring, Array(own)) { try body(read) }
      }
    }
  }

  /// The same program with rests in place of pulses, and equally many readings.
  package var withoutPulses: Program { Program(Self.withoutPulses(steps)) }

  private static func withoutPulses(_ steps: [Step]) -> [Step] {
    steps.map { step in
      switch step {
      case .train(let train): .rest(train.duration)
      case .repeat(let times, let body): .repeat(times, withoutPulses(body))
      case .read, .rest: step
      }
    }
  }
}

extension Reading {
  /// The read of a single device; nil if it drives more than one.
  fileprivate func deviceRead(on wiring: Wiring, _ currents: [Double]) -> DeviceRead? {
    let driven = drives.filter { $0.level != 0 }
    guard driven.count == 1, currents.count == measures.count,
      let site = wiring.sites.first(where: { $0.drain == driven[0].terminal }),
      let index = measures.firstIndex(of: site.meter)
    else { return nil }
    var read = DeviceRead(
      site: site, drive: driven[0], integration: integration, current: currents[index])
    if let row = measures.firstIndex(where: { $0 == site.row }),
      let drain = measures.firstIndex(of: site.drain)
    {
      read.lost = currents[row] + currents[drain]
    }
    return read
  }
}
