/// A read of one device alone: its drain driven, its current measured.
package struct DeviceRead: Sendable {
  package var site: Wiring.Site
  package var drive: Reading.Drive
  /// Seconds.
  package var integration: Double
  /// What was measured, amperes into the instrument.
  package var current: Double
  /// What all its terminals' currents leave, amperes: what the gate takes, or
  /// flows elsewhere. Nil where one of them was not measured.
  package var lost: Double?

  /// Siemens.
  package var conductance: Double { site.meterSign * current / drive.level }

  /// The same read as a step of its own.
  package var step: Step {
    .read(Reading(drives: [drive], measures: [site.meter], integration: integration))
  }
}

extension Program {
  /// Calls `body` for every read of a device alone, in order.
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
        // However often it says: there are no more readings than currents.
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

  /// The same without its pulses: rests in their place, and as many readings.
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
  /// What it says of a device, where it drives one alone.
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
