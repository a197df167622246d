import Foundation
import SaltireTesting
import Testing

/// Addresses and settings of lines on the command line.
@Suite struct LineOptionTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The address that `simulate --pty` prints reaches the instrument, and so does a link to it.
  @Test func theTerminalThatIsPrintedIsASerialPort() async throws {
    let server = try Server("keithley/2400", ["--pty"])
    let resource = try #require(
      server.printed().split(separator: "\n").last { $0.hasPrefix("ASRL") }.map(String.init))
    let link = folder.path("usb-TEST_0001-if00-port0")
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: String(resource.dropFirst(4).prefix { $0 != ":" }))
    for place in [resource, " asrl\(link) "] {
      let answer = try await Command("query", place, "*IDN?", "--family", "keithley/2400")
      #expect(answer.output.hasPrefix("KEITHLEY INSTRUMENTS INC.,MODEL 2400,"), "\(answer.errors)")
    }
    #expect(await server.end().status == 0)
  }

  /// What is set at the unit is used, with its family and without.
  @Test(arguments: [[], ["--family", "keithley/2400"]] as [[String]])
  func theTerminatorOfAUnitIsUsed(family: [String]) async throws {
    let terminal = try PseudoTerminal()
    terminal.serve { $0 == [10] ? Array("\0right\0\n".utf8) : [] }
    let answer = try await Command(
      ["query", "ASRL\(terminal.path)", "?", "--terminator", "lf", "--baud", "19200"] + family)
    #expect(answer.output == "right\n", "\(answer.errors)")
  }

  @Test(arguments: [
    (["TCPIP0::10.0.0.5::INSTR"], "an address of VXI-11, which saltire does not support"),
    (["TCPIP0::10.0.0.5::INSTR"], "hint: most LAN instruments also accept TCPIP0::10.0.0.5::5025"),
    (["GPIB0::24"], "boards and USB-GPIB adapters of NI and Keysight are not"),
    (["TCPIP0::h::5025::SOCKET", "--baud", "9600"], "SOCKET has no baud rate"),
    (["sim:keithley/2400", "--terminator", "CR"], "2400 has no terminator to set"),
    (["GPIB0::24", "--adapter", "ASRL1", "--terminator", "CR"], "24::INSTR has no terminator"),
    (["GPIB0::24", "--adapter", "ASRL1", "--parity", "even"], "24::INSTR has no baud rate, data"),
    (["ASRL1", "--parity", "mark"], "'none', 'even' or 'odd'"),
  ])
  func mistakesAreSaid(arguments: [String], message: String) async throws {
    let said = try await Command(
      ["query"] + arguments.prefix(1) + ["*IDN?"] + arguments.dropFirst())
    #expect(said.status == 64)
    #expect(said.errors.contains(message), "\(said.errors)")
  }
}
