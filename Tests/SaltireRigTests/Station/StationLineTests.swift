import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireRig
import TestRigs
import Testing

/// What is set at one unit, in its bench file.
@Suite struct StationLineTests {
  private static func station(_ drain: [String]) throws -> Station {
    let all =
      [
        "gate.resource=ASRL1", "gate.family=keithley/2400", "drain.resource=ASRL2",
        "drain.family=keithley/2400",
      ] + drain.map { "drain.\($0)" }
    let file = try Shipped.bench("simulated-2400", all.map { "instruments.\($0)" })
    return try #require(file.station)
  }

  /// It replaces what its family says, and nothing else.
  @Test func aUnitDiffersFromItsFamily() throws {
    let station = try Self.station([
      "baud=19200", "data_bits=7", "parity=even", "stop_bits=2", "flow=none", "terminator=LF",
    ])
    let (gate, drain) = (station.instruments[0].definition, station.instruments[1].definition)
    var expected = gate.serial
    #expect(gate.terminator == 13 && expected.flow == .xonXoff && expected.clearByte == 3)
    (expected.baud, expected.dataBits, expected.parity) = (19_200, 7, .even)
    (expected.stopBits, expected.flow) = (2, .none)
    #expect(drain.serial == expected)
    #expect(drain.terminator == 10)
  }

  @Test(arguments: [
    ("TCPIP0::h::5025::SOCKET", "parity=odd", "has no baud rate, data bits, parity"),
    ("USB0::1::2", "terminator=CR", "has no terminator to set"),
    ("ASRL2", "baud=1", "baud is outside 50 … 4000000"),
    ("ASRL2", "terminator=CRLF", "'CRLF' is not one of LF, CR"),
    ("TCPIP0::h::INSTR", "terminator=CR", "an address of VXI-11"),
  ])
  func whatAUnitCannotHaveIsRefused(resource: String, setting: String, message: String) throws {
    let faults = #expect(throws: Diagnostics.self) {
      try Self.station(["resource=\(resource)", setting])
    }
    #expect(faults?.items.count == 1)
    #expect(faults?.items.first?.message.contains(message) == true, "\(faults?.items ?? [])")
    #expect(faults?.items.first?.location != nil)
  }

  @Test func aSocketHasATerminator() throws {
    let station = try Self.station(["resource=TCPIP::h::5025::SOCKET", "terminator=LF"])
    #expect(station.instruments[1].definition.terminator == 10)
  }
}
