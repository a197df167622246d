import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRig
import TestRigs
import Testing

/// Limits that hold while files are read: before there is a program.
@Suite struct StationLimitTests {
  private static func faults(_ settings: [String]) -> [Diagnostic] {
    do {
      _ = try Shipped.bench("simulated-one-device", settings)
      return []
    } catch {
      return (error as? Diagnostics)?.items ?? []
    }
  }

  /// A gate sees all of a channel's voltage when its other line fails.
  @Test func noChannelMayGoBeyondTheGateLimit() throws {
    #expect(Self.faults(["terminals.GA1.voltage=5 V"]).isEmpty)
    let faults = Self.faults(["terminals.GA1.voltage=5.1 V"])
    let message = "GA1 is configured for 5.1 V, which exceeds the gate limit of 5 V"
    #expect(faults.map(\.message) == [message])
    #expect(faults.first?.location != nil)
  }

  /// A window wider than the largest voltage allows no more than that voltage.
  @Test func theWindowEndsAtTheLargestVoltage() throws {
    let wide = try Shipped.bench("model", ["limits.gate.max=9 V", "limits.gate.min=-9 V"]).limits
    #expect(wide.gateWindow.high.value == wide.gateVoltage.value)
    #expect(wide.gateWindow.low.value == -wide.gateVoltage.value)
    let narrow = try Shipped.bench("model", ["limits.gate.max=3 V", "limits.gate.min=-2 V"]).limits
    #expect(narrow.gateWindow.high.value == 3 && narrow.gateWindow.low.value == -2)
  }

  /// What a protocol asks of a gate is held against its channel.
  @Test(arguments: [(3.0, 0), (3.1, 1), (-3.1, 1), (Double.nan, 1)])
  func aDemandBeyondTheChannelIsTold(volts: Double, count: Int) throws {
    let file = try Shipped.bench("simulated-one-device", ["terminals.GA1.voltage=3 V"])
    let station = try #require(file.station)
    let demand = Demand(.gateVoltage, Located(volts, at: nil), "pulse amplitude")
    let faults = station.faults(in: [demand], wiring: file.wiring)
    #expect(faults.count == count)
    #expect(faults.allSatisfy { $0.message.hasSuffix("to GA1, which is configured for 3 V") })
  }

  @Test(arguments: [(1e-9, 1), (Double.nan, 1), (0.05, 0)])
  func aPulseShorterThanItsTimerIsTold(width: Double, count: Int) throws {
    let file = try Shipped.bench("simulated-one-device")
    let station = try #require(file.station)
    let demand = Demand(.pulseWidth, Located(width, at: nil), "pulse width")
    #expect(station.faults(in: [demand], wiring: file.wiring).count == count)
  }
}
