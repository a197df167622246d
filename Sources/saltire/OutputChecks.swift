import Foundation
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRig

/// Shows that every output of a bench goes off: when it is asked for, and when a run is killed.
///
/// Each time a process of its own switches the outputs on, at 0 V; afterwards the instruments are
/// asked for the state of each.
struct OutputChecks {
  private let file: BenchFile
  private let path: String
  private let settings: [String]

  /// Seconds for a process to switch the outputs on, and for them to be off afterwards.
  private static let patience = 120.0

  init(_ file: BenchFile, path: String, settings: [String]) {
    (self.file, self.path, self.settings) = (file, path, settings)
  }

  /// - Returns: one text line for each way.
  /// - Throws: ``Failure`` if an output is on afterwards.
  func perform() async throws -> [String] {
    var texts = [
      try await check("off") { process in
        let off = Process()
        off.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        off.arguments = ["off", "--bench", path]
        off.standardOutput = FileHandle.nullDevice
        try off.run()
        off.waitUntilExit()
        return off.terminationStatus == 0
      }
    ]
    if file.guardian.isEnabled {
      texts.append(try await check("SIGKILL") { kill($0.processIdentifier, SIGKILL) == 0 })
    } else {
      texts.append("SIGKILL  not tried: the bench has no guardian, so its outputs would stay on")
    }
    return texts
  }

  private func check(
    _ way: String, _ end: (Process) throws -> Bool
  ) async throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["hold", path] + settings.flatMap { ["--set", $0] }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard said.contains(Hold.ready) else {
      process.waitUntilExit()
      throw Failure(.notSafe, "\(way): the outputs could not be switched on to try it")
    }
    let isEnded: Bool
    do {
      isEnded = try end(process)
    } catch {
      process.terminate()
      process.waitUntilExit()
      throw error
    }
    // It makes safe then; without this it would hold the outputs on for ever.
    if !isEnded { process.terminate() }
    process.waitUntilExit()
    let addresses = file.station?.addresses ?? []
    let last = HostTime.monotonic + Self.patience
    while RigLock.isHeld(addresses), HostTime.monotonic < last { await HostTime.pause(0.05) }
    let lock = try RigLock(addresses, for: RigLock.Holder(purpose: "saltire commission"))
    defer { lock.release() }
    guard let live = try OpenBench(file, seed: 1).live else { return "" }
    _ = try await live.connect()
    let on = try await live.check().filter(\.isOn).map(\.terminal.name)
    guard on.isEmpty, isEnded else {
      throw Failure(
        .notSafe,
        "\(way): \(on.isEmpty ? "it failed" : "\(on.joined(separator: ", ")) stayed on")",
        hints: ["switch the outputs off by hand; do not connect a device"])
    }
    return "\(way)  every output went off, as the instruments answer"
  }
}
