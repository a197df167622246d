import ArgumentParser
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRig

struct Off: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make every output of a bench safe, whoever left it on.",
    discussion: """
      Needs the bench file alone: ends what runs on its instruments, brings gates to idle, \
      rows and drains to 0 V, switches all outputs off and asks each whether it is. One that \
      does not answer keeps no other on. A run that uses the instruments is asked to end, and \
      has five seconds for it. Exit status 12 where any output is not confirmed.
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
          .usage, "\(bench) has no instruments outside this program: nothing of it is on",
          hints: ["a lab of 'saltire simulate' is reached by the bench file that it prints"])
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

  /// Seconds for whoever uses the instruments to make them safe by itself.
  private static let patience = 5.0

  /// Asks whoever uses the instruments to end, and waits for that.
  ///
  /// - Returns: whose use it was, a line each.
  private static func ending(_ addresses: [CanonicalAddress]) async -> [String] {
    let holders = RigLock.requestOff(addresses, by: RigLock.Holder(purpose: "saltire off"))
    if holders.isEmpty { return [] }
    let last = HostTime.monotonic + patience
    while RigLock.isHeld(addresses), HostTime.monotonic < last { await HostTime.pause(0.05) }
    let isHeld = RigLock.isHeld(addresses)
    return holders.map { holder in
      let name = holder?.text ?? "a process that does not say who it is"
      return isHeld
        ? "\(name) was asked to end and still holds the instruments"
        : "ended: \(name)"
    }
  }

  /// - Throws: ``Failure`` where an output is not confirmed off.
  static func expectSafe(_ report: SafeReport) throws(Failure) {
    guard report.isSafe else {
      throw Failure(
        .notSafe, "outputs are not confirmed off",
        hints: ["switch them off by hand, at the instrument"])
    }
  }
}
