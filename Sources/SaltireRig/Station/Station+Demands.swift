public import SaltireCore
import SaltireInstruments
public import SaltirePrograms

extension Station {
  /// The demands of an experiment that its channels are not configured for, found before anything
  /// runs.
  public func faults(in demands: [Demand], wiring: Wiring) -> [Diagnostic] {
    demands.flatMap { demand -> [Diagnostic] in
      switch demand.kind {
      case .gateVoltage: return voltageFaults(demand, wiring.sites.map(\.gate))
      case .terminalVoltage:
        // Drains follow their row.
        return voltageFaults(
          demand,
          wiring.arrays.flatMap { array in array.row.map(wiring.following) ?? [] })
      case .pulseWidth: return widthFaults(demand, wiring)
      default: return []
      }
    }
  }

  private func voltageFaults(_ demand: Demand, _ terminals: [Terminal]) -> [Diagnostic] {
    terminals.compactMap { terminal in
      let voltage = abs(demand.value.value)
      guard let channel = channels[terminal], !channel.limit.allows(voltage) else { return nil }
      return Diagnostic(
        "\(demand.what) applies \(Quantity(voltage, .volt)) to \(terminal), which is"
          + " configured for \(Quantity(channel.voltage, .volt))",
        at: demand.value.location)
    }
  }

  private func widthFaults(_ demand: Demand, _ wiring: Wiring) -> [Diagnostic] {
    wiring.sites.map(\.gate).compactMap { gate in
      guard let shortest = shortestPulse(on: gate), !shortest.limit.allows(demand.value.value)
      else { return nil }
      return Diagnostic(
        "\(demand.what) of \(Quantity(demand.value.value, .second)): \(shortest.rule(for: gate))",
        at: demand.value.location)
    }
  }
}
