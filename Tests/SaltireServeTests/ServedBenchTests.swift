import Foundation
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireServe
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltireExperiments
@testable import SaltirePrograms
@testable import SaltireRecords
@testable import SaltireRig
@testable import SaltireTraining

/// The bench file that reaches a served lab is the file it was made from but for the
/// addresses, however that file is laid out.
@Suite struct ServedBenchTests {
  private static let rest = """

    terminals:
      GA1: { channel: smu1.smua, voltage: 5 V, current: 1 uA }
      DA1: { channel: smu1.smub, voltage: 200 mV, current: 1 uA }
    idle: ground
    arrays:
      A: { row: ground, columns: [{ device: A1, drain: DA1, gate: GA1 }] }
    devices:
      preset: EcRamMO
      states: 500
      window: { min: 1 µS, max: 5 µS }
      pulse: { voltage: 4 V, width: 10 ms }
    limits:
      gate: { voltage: 5 V, width: 100 ms }
      drain: { voltage: 200 mV }
      session: { pulses: 1000000 }
    conditions: { note: "a: \\"quoted\\" # and on", flag: on, time: 012 }

    """

  @Test(arguments: [
    "smu1: { resource: \"sim:keithley/2636b\" }",
    "smu1:\n    resource: sim:keithley/2636b   # not {braced}",
    "smu1:\n    resource: 'sim:keithley/2636b'",
    "smu1: { \n    resource: sim:keithley/2636b\n    }",
    "# sim:keithley/2636b\n  smu1: { \"resource\": sim:keithley/2636b } # sim:keithley/2636b",
    "smu1:\n    resource:\n      sim:keithley/2636b",
    "smu1: { resource: sim:keithley/2636b, family: keithley/2636b }",
  ])
  func theServedFileReachesTheSameBench(instrument: String) throws {
    let text = "bench: instruments\ninstruments:\n  \(instrument)\(Self.rest)"
    let name = Shipped.root.appendingPathComponent("instruments/benches/b.yaml").path
    guard let file = try? BenchFile(Document(name: name, text: text)) else {
      // A family beside a simulated resource is not known.
      #expect(instrument.contains("family"))
      return
    }
    let served = try ServedLab(file, seed: 1)
    let copy = try BenchFile(Document(name: name, text: served.bench))
    let port = try #require(served.port(of: "smu1"))
    #expect(copy.station?.instruments.first?.resource == .socket(host: "127.0.0.1", port: port))
    #expect(copy.station?.instruments.first?.model.name == "2636B")
    #expect(copy.station?.clock != nil)
    #expect(copy.wiring == file.wiring && copy.limits.summary == file.limits.summary)
    #expect(copy.conditions == file.conditions)
    #expect(copy.conditions["flag"] == "on" && copy.conditions["time"] == "012")
  }
}
