import Foundation
import SaltireCore
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltireExperiments
@testable import SaltirePrograms
@testable import SaltireRecords
@testable import SaltireRig
@testable import SaltireTraining

/// An error points to the line of the violated limit, and to no other.
@Suite struct LimitPlaceTests {
  private static let limits = """
    limits:
      gate:
        voltage: 5 V
        min: -4.5 V
        max: 3.5 V
        width: 100 ms
      drain: { voltage: 200 mV }
      session: { pulses: 10000000 }
      devices:
        A2:
          gate:
            max: 3 V

    """

  /// The shipped bench with limits over several lines, each with `old` replaced.
  private static func bench(_ old: String = "", _ new: String = "") throws -> BenchFile {
    let url = Shipped.root.appendingPathComponent("instruments/benches/model.yaml")
    let text = try String(contentsOf: url, encoding: .utf8)
    let head = try #require(text.range(of: "\nlimits:"))
    let tail = text[head.upperBound...].firstRange(of: /\n(?=\w)/)?.lowerBound ?? text.endIndex
    return try BenchFile(
      Document(
        name: "b.yaml",
        text: text[...head.lowerBound] + limits.replacing(old, with: new) + text[tail...]))
  }

  private static func violation(
    _ file: BenchFile, _ terminal: Terminal, _ level: Double
  ) async throws -> LimitViolation {
    let bench = LimitedBench(ProbeBench(try ModelBench()), limits: file.limits)
    let error = await failure { () throws(BenchError) in
      try await bench.perform(Program([.pulse(terminal, level: level, width: 0.01)]))
    }
    guard case .limit(let violation)? = error else { throw try #require(error) }
    return violation
  }

  @Test(arguments: [
    ("GA1", 3.6, "max: 3.5 V"), ("GA1", -4.6, "min: -4.5 V"), ("GA2", 3.1, "max: 3 V"),
    ("GA2", -4.6, "min: -4.5 V"), ("GC1", 3.6, "max: 3.5 V"),
  ])
  func aPulseBeyondAnEndOfTheWindow(gate: String, level: Double, line: String) async throws {
    let violation = try await Self.violation(try Self.bench(), Terminal(gate), level)
    #expect(violation.location?.excerpt.contains(line) == true, "\(violation)")
  }

  /// An end that is not given, or given beyond it, is the largest voltage's.
  @Test(arguments: [
    ("    min: -4.5 V\n", "", -5.1, "voltage: 5 V"),
    ("max: 3.5 V", "max: 7 V", 5.1, "voltage: 5 V"),
    ("    max: 3.5 V\n", "", 5.1, "voltage: 5 V"), ("    max: 3.5 V\n", "", -4.6, "min: -4.5 V"),
  ])
  func anEndThatIsTheVoltages(old: String, new: String, level: Double, line: String) async throws {
    let file = try Self.bench(old, new)
    let violation = try await Self.violation(file, "GC1", level)
    #expect(violation.location?.excerpt.contains(line) == true, "\(violation)")
  }

  /// What a device takes over from the bench stands where the bench has it.
  @Test func aLimitThatADeviceTakesOver() throws {
    let limits = try Self.bench().limits
    let own = limits.of("A2")
    #expect(own.gateVoltage == limits.gateVoltage && own.pulseWidth == limits.pulseWidth)
    #expect(own.drainVoltage == limits.drainVoltage)
  }

  @Test(arguments: [("pulse.up=4 V", "max: 3.5 V"), ("pulse.down=-4.8 V", "min: -4.5 V")])
  func aProtocolBeyondAnEndOfTheWindow(setting: String, line: String) throws {
    let file = try Self.bench("    max: 3 V", "    max: 3.5 V")
    let settings = ["pulse.up=3 V", "pulse.down=-3 V", "measure=A1", setting]
    let error = #expect(throws: Diagnostics.self) {
      try Shipped.experiment("crossed-swords", for: file, settings)
    }
    let lines = file.document.text.split(separator: "\n", omittingEmptySubsequences: false)
    let number = try #require(lines.firstIndex { $0.hasSuffix(line) }) + 1
    #expect(error?.items.first?.label == "limit set in b.yaml:\(number)")
  }

  @Test(arguments: [
    ("max: 3 V", "max: 4 V", "max: 3.5 V"), ("max: 3 V", "min: -4.8 V", "min: -4.5 V"),
  ])
  func aLooserEndOfADevice(old: String, new: String, line: String) throws {
    let error = #expect(throws: Diagnostics.self) { try Self.bench(old, new) }
    let fault = try #require(error?.items.first)
    #expect(fault.location?.excerpt.contains(new) == true)
    let offset = try #require(
      Self.limits.split(separator: "\n").firstIndex { $0.hasSuffix(line) })
    let begin = try #require(Self.bench().limits.gateVoltage.location?.line) - 2
    #expect(fault.message.contains("at b.yaml:\(begin + offset):"), "\(fault.message)")
  }
}
