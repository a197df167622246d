import Foundation
import SaltirePrograms
import SaltireRig
import SaltireTesting
import TestRigs
import Testing

/// Connections that are lost at any byte and can be made again at once: the outputs end
/// off, whoever makes them safe.
@Suite struct CutConnectionTests {
  /// Bytes from one cut to the next.
  private static let stride = Grid.isWhole ? 1 : 7

  /// Pulses and reads, which are a script where an instrument runs such.
  private static let program = Program([
    .repeat(
      20,
      [
        .pulse("GA1", level: 4, width: 0.01), .rest(0.05),
        .read(.init(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02)),
      ])
  ])

  private static let benches = [
    ("simulated-one-device", "smu1"), ("simulated-2400", "gate"),
  ]

  /// A run whose connection is lost in a program makes safe over another one.
  @Test(arguments: benches)
  func aRunMakesSafeWhereverItsConnectionIsCut(bench: String, instrument: String) async throws {
    let whole = try await Self.sent(bench, instrument) { _ = try await $0.perform(Self.program) }
    for byte in Swift.stride(from: 0, to: whole, by: Self.stride) {
      let rig = try TamperedRig(bench)
      let live = try await rig.armed()
      rig.tampering[instrument]?.cut(after: byte)
      await #expect(throws: BenchError.self) { _ = try await live.perform(Self.program) }
      let report = await live.makeSafe()
      #expect(report.isSafe && rig.energised.isEmpty, "byte \(byte): \(report.open)")
    }
  }

  /// A run whose connection is lost while it makes safe.
  @Test(arguments: benches)
  func makingSafeSurvivesACut(bench: String, instrument: String) async throws {
    let whole = try await Self.sent(bench, instrument) { _ = await $0.makeSafe() }
    for byte in Swift.stride(from: 0, to: whole, by: Self.stride) {
      let rig = try TamperedRig(bench)
      let live = try await rig.armed()
      rig.tampering[instrument]?.cut(after: byte)
      let report = await live.makeSafe()
      #expect(report.isSafe && rig.energised.isEmpty, "byte \(byte): \(report.open)")
    }
  }

  /// What a run left that was killed in a program: its guardian, or `saltire off`, makes it
  /// safe, also when its own connection is lost on the way.
  @Test(arguments: benches)
  func whoTakesOverSurvivesBothCuts(bench: String, instrument: String) async throws {
    let program = try await Self.sent(bench, instrument) { _ = try await $0.perform(Self.program) }
    let takeOver = try await Self.sent(bench, instrument) { _ = await $0.takeOver() }
    var second = 0
    for byte in Swift.stride(from: 0, to: program, by: Self.stride) {
      let rig = try TamperedRig(bench)
      let run = try await rig.armed()
      rig.tampering[instrument]?.cut(after: byte)
      await #expect(throws: BenchError.self) { _ = try await run.perform(Self.program) }
      #expect(!rig.energised.isEmpty)
      rig.tampering[instrument]?.cut(after: second)
      let report = await (try rig.bench()).takeOver()
      #expect(
        report.isSafe && rig.energised.isEmpty, "bytes \(byte) and \(second): \(report.open)")
      second = (second + Self.stride + 4) % takeOver
    }
  }

  /// Bytes that go to an instrument while `body` uses an armed bench.
  private static func sent(
    _ bench: String, _ instrument: String, _ body: (LiveBench) async throws -> Void
  ) async throws -> Int {
    let rig = try TamperedRig(bench)
    let live = try await rig.armed()
    let before = rig.tampering[instrument]?.sent ?? 0
    try await body(live)
    let sent = (rig.tampering[instrument]?.sent ?? 0) - before
    try #require(sent > 50)
    return sent
  }
}
