import ArgumentParser
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRig

struct Off: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make every output of a bench safe, whichever program left it on.",
    discussion: """
      Needs only the bench file. Aborts whatever the instruments are running, sets gates to idle \
      and rows and drains to 0 V, switches all outputs off and reads each state back. An \
      instrument that does not respond does not delay the others. A run that uses the instruments \
      is asked to end and has five seconds to do so. The exit status is 12 if any output is not \
      confirmed off.
      """)

  @Option(help: "The bench file.", completion: .file(extensions: ["yaml"]))
  var bench: String

  func run() async throws {
    try await reporting {
      let file = try BenchFile(try Document(path: bench))
      guard let station = file.station, !station.isSimulated,
        let live = try OpenBench(file, seed: 1, isToMakeSafe: true).live
      else {
        throw Failure(
          .usage, "\(bench) has no instruments outside this process, so no output can be on",
          hints: ["to reach a lab of 'saltire simulate', use the bench file that it prints"])
      }
      let end = await Self.ending(station.addresses)
      let report = await live.takeOver()
      for (terminal, state) in report.terminals {
        Console.print("\(terminal)  \(state.reason.map { "NOT CONFIRMED: \($0)" } ?? "off")")
      }
      for text in end { Console.print(text) }
      try Self.expectSafe(report)
    }
  }

  /// Seconds that a run has to make the instruments safe by itself.
  private static let patience = 5.0

  /// Asks the processes that use the instruments to end, and waits for them.
  ///
  /// - Returns: one text line for each process that ended.
  private static func ending(_ addresses: [CanonicalAddress]) async -> [String] {
    let holders = RigLock.requestOff(addresses, by: RigLock.Holder(purpose: "saltire off"))
    if holders.isEmpty { return [] }
    let last = HostTime.monotonic + patience
    while RigLock.isHeld(addresses), HostTime.monotonic < last { await HostTime.pause(0.05) }
    let isHeld = RigLock.isHeld(addresses)
    return holders.map { holder in
      let name = holder?.text ?? "an unidentified process"
      return isHeld
        ? "\(name) was asked to end but still holds the instruments"
        : "ended: \(name)"
    }
  }

  /// - Throws: ``Failure`` if any output is not confirmed off.
  static func expectSafe(_ report: SafeReport) throws(Failure) {
    guard report.isSafe else {
      throw Failure(
        .notSafe, "the outputs are not confirmed off",
        hints: ["switch them off by hand at the instrument"])
    }
  }
}
