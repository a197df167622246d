internal import ArgumentParser
internal import SaltireCore
internal import SaltireLab

struct Off: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make every output of a bench safe, whoever left it on.",
    discussion: """
      Needs the bench file alone: ends what runs on its instruments, brings gates to idle, \
      rows and drains to 0 V, switches all outputs off and asks each whether it is. One that \
      does not answer keeps no other on. Exit status 12 where any is not confirmed.
      """)

  @Option(help: "The bench file.", completion: .file(extensions: ["yaml"]))
  var bench: String

  func run() async throws {
    try await reporting {
      let file = try BenchFile(try Document(path: bench))
      guard let station = file.station, !station.isSimulated,
        let live = try OpenBench(file, seed: 1).live
      else {
        throw Failure(
          .usage, "\(bench) has no instruments outside this program: nothing of it is on",
          hints: ["a lab of 'saltire simulate' is reached by the bench file that it prints"])
      }
      let report = await live.takeOver()
      for (terminal, state) in report.terminals {
        switch state {
        case .confirmed: Console.print("\(terminal)  off")
        case .notConfirmed(let reason): Console.print("\(terminal)  NOT CONFIRMED: \(reason)")
        }
      }
      try Self.expectSafe(report)
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
