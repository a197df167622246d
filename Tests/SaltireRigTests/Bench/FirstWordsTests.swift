import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import SaltireTesting
import TestRigs
import Testing

/// Bytes that arrive before the expected reply decide neither whether outputs are switched off nor
/// the identity.
@Suite struct FirstWordsTests {
  /// Late readings, which have the commas of an identity; prompts, noise, and answers to other
  /// questions.
  static let words: [[String]] = [
    ["+1.000000E+00,-1.470096E-08,+9.910000E+37,+6.860023E+03,+2.151000E+04"],
    ["1.2E-6,1.3E-6,1.4E-6,1.5E-6", "1.2E-6,1.3E-6,1.4E-6,1.5E-6"],
    ["nan,inf,nan,nan"], ["TSP>", "TSP?", ">>>>"], ["", "\r", "\0"], ["\u{FF}\0\u{FE}"],
    ["-113,\"Undefined header\"", "0,\"No error\""], ["CURR:DC,VOLT:DC,ON,1"],
    ["errors\t3.00000e+00"], [String(repeating: "1.0E-6,", count: 20_000)],
  ]

  private static func lines(_ words: [String], _ end: UInt8) -> [[UInt8]] {
    words.map { Array($0.utf8) + [end] }
  }

  private static let benches: [(String, String, UInt8)] = [
    ("simulated-2400", "gate", 13), ("simulated-one-device", "smu1", 10),
  ]

  @Test(arguments: benches, words)
  func outputsAreSwitchedOffWhoeverSpeaksFirst(
    bench: (name: String, instrument: String, end: UInt8), words: [String]
  ) async throws {
    let rig = try TamperedRig(bench.name)
    _ = try await rig.armed()
    #expect(!rig.energised.isEmpty)
    rig.tampering[bench.instrument]?.say(Self.lines(words, bench.end))
    let report = await (try rig.bench()).takeOver()
    #expect(report.isSafe, "\(report.open)")
    #expect(rig.energised.isEmpty)
  }

  @Test(arguments: benches, words)
  func anInstrumentIsFoundBehindThem(
    bench: (name: String, instrument: String, end: UInt8), words: [String]
  ) async throws {
    let rig = try TamperedRig(bench.name)
    rig.tampering[bench.instrument]?.say(Self.lines(words, bench.end))
    let live = try await rig.armed()
    #expect(!rig.energised.isEmpty)
    #expect(await live.makeSafe().isSafe)
  }

  /// An unexpected identity counts only if it is received twice.
  @Test func aStrangerSaysSoTwice() async throws {
    let rig = try TamperedRig("simulated-2400")
    let stranger = Self.lines(["ACME Instruments,Toaster 9000,0,1.0"], 13)
    rig.tampering["gate"]?.say(stranger)
    _ = try await (try rig.bench()).connect()
    rig.tampering["drain"]?.change { message in
      message.starts(with: "KEITHLEY".utf8) ? stranger[0] : message
    }
    let error = await #expect(throws: BenchError.self) {
      _ = try await (try rig.bench()).connect()
    }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .wrongIdentity = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.message.contains("ACME Instruments, Toaster 9000"))
  }

  /// An unexpected instrument gets the safe commands too, and none of its outputs is confirmed.
  @Test func aStrangersOutputsAreNotConfirmed() async throws {
    let rig = try TamperedRig("simulated-2400")
    _ = try await rig.armed()
    rig.tampering["gate"]?.change { message in
      message.starts(with: "KEITHLEY".utf8)
        ? Self.lines(["ACME Instruments,Toaster 9000,0,1.0"], 13)[0] : message
    }
    let report = await (try rig.bench()).takeOver()
    #expect(report.open.contains("GA1: it identifies itself as ACME Instruments, Toaster 9000"))
    #expect(rig.energised.isEmpty)
  }

  /// Padding behind every reply is no part of it, whatever is asked.
  @Test(arguments: benches, [[0], [0, 0], [13], [32, 0]] as [[UInt8]])
  func paddingIsNoPartOfAReply(
    bench: (name: String, instrument: String, end: UInt8), padding: [UInt8]
  ) async throws {
    let rig = try TamperedRig(bench.name)
    rig.tampering[bench.instrument]?.change { message in
      message.last == bench.end ? message.dropLast() + padding + [bench.end] : message
    }
    let live = try await rig.armed()
    #expect(await live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
  }

  /// A full error queue from another program is emptied, reported once, and does not fail the run.
  @Test(arguments: benches)
  func oldErrorsAreToldOnce(
    bench: (name: String, instrument: String, end: UInt8)
  ) async throws {
    let rig = try TamperedRig(bench.name)
    let junk = Array("junk junk".utf8) + [bench.end]
    for _ in 0..<200 { _ = rig.lab.receive(junk, at: bench.instrument) }
    let live = try rig.bench()
    _ = try await live.connect()
    let errors = try await live.arm()
    let own = try #require(errors[bench.instrument])
    #expect(own.count > 5)
    #expect(own.summary.contains(" times)"))
    #expect(own.summary.split(separator: ";").count <= 2)
    #expect(await live.makeSafe().isSafe)
  }
}
