import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRig

/// Holds the outputs of a bench on, at 0 V, until it is asked to end. `saltire commission` starts
/// it, to show what happens when it is killed; users do not call it.
struct Hold: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hold the outputs of a bench on at 0 V.", shouldDisplay: false)

  @Argument var bench: String
  @Option(name: .customLong("set")) var settings: [String] = []

  /// Printed when all outputs are on.
  static let ready = "on"
  private static let purpose = "saltire commission"

  func run() async throws {
    try await interruptible { stop in
      try await reporting { try await hold(stop) }
    }
  }

  private func hold(_ stop: Stop) async throws {
    let parent = getppid()
    let overrides = try Overrides(arguments: settings)
    let file = try BenchFile(try Document(path: bench), overrides: overrides)
    let lock = try RigLock(
      file.station?.addresses ?? [], for: RigLock.Holder(purpose: Self.purpose))
    let open = try OpenBench(file, seed: 1)
    _ = try await open.live?.connect()
    let watch = Watch(
      file.guardian.isEnabled ? GuardianPlan(file, settings: overrides, session: nil) : nil, lock,
      stop)
    defer { watch.end() }
    try watch.begin(open.stepping)
    let failure: BenchError?
    do throws(BenchError) {
      try await open.live?.arm()
      failure = nil
      Console.print(Self.ready)
      // Nobody else would switch the outputs off if the process that started this one died.
      while !stop.isRequested, getppid() == parent { await HostTime.pause(0.05) }
    } catch {
      failure = error
    }
    // Not a child task, because cancelling must not cancel the safe sequence.
    try Off.expectSafe(await Task { await open.bench.makeSafe() }.value)
    if let failure { throw failure }
  }
}
