import SaltireTesting
import Testing

/// The command line with an instrument behind a GPIB adapter.
@Suite struct GPIBCommandTests {
  @Test func anInstrumentBehindAnAdapterIsAsked() async throws {
    let prologix = SimulatedPrologix(
      .prologix, ["24": SimulatedGPIBDevice { Array("heard ".utf8) + $0 }])
    let server = try ServedSocket(prologix.receive)
    let adapter = "TCPIP0::127.0.0.1::\(server.port)::SOCKET"
    let answer = try await Command(
      "query", "GPIB0::24::INSTR", "*IDN?", "--adapter", adapter, "--family", "keithley/2400")
    #expect(answer.status == 0)
    #expect(answer.output == "heard *IDN?\n")
    let nobody = try await Command(
      "query", "GPIB0::9::INSTR", "*IDN?", "--adapter", adapter, "--timeout", "0.1")
    #expect(nobody.status == 74)
    #expect(nobody.errors.contains("timed out waiting for a reply"))
    withExtendedLifetime(server) {}
  }

  @Test(arguments: [
    (["GPIB0::24::INSTR"], "GPIB0::24::INSTR needs an adapter"),
    (["GPIB0::24::INSTR", "--adapter", "GPIB1::3::INSTR"], "is not an address of a GPIB adapter"),
    (["GPIB0::24::INSTR", "--adapter", "x"], "'x' is not a resource name"),
    (["ASRL1::INSTR", "--adapter", "ASRL2::INSTR"], "does not use an adapter"),
  ])
  func mistakesAreSaid(arguments: [String], message: String) async throws {
    let said = try await Command(
      ["query"] + arguments.prefix(1) + ["*IDN?"] + arguments.dropFirst())
    #expect(said.status == 64)
    #expect(said.errors.contains(message), "\(said.errors)")
  }
}
