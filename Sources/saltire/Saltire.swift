import ArgumentParser

/// The command line. It is the only place that prints, and that gives advice.
@main
struct Saltire: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "saltire",
    abstract: "Experiments on three-terminal electrochemical synapses (ECRAM).",
    discussion: """
      A protocol file says what to do, a bench file on what:

        saltire run protocols/shd.yaml --bench instruments/benches/simulated.yaml
        saltire report out/shd-001.saltire

      Every run is recorded in a session, one file that holds all that is needed to \
      draw its report or to replay it without a lab. Any value of a protocol or bench \
      can be replaced: --set noise=0.5 --set devices.states=1000.

      Exit status: 0 done; 10 stopped by a limit; 11 finished, but the result does not \
      serve its purpose (no symmetry point, not converged); 12 an output is not confirmed \
      safe; 13 a replay diverges; 64 usage; 65 bad or missing protocol, bench or session; \
      69 no such instrument; 74 input or output failed, or no rsvg-convert; 75 a port is in \
      use; 77 this user may not use it; 78 another instrument than the bench says, or a \
      setting that does not read back; 130 interrupted, safe.
      """,
    version: version,
    subcommands: [
      Run.self, Resume.self, Guard.self, Train.self, Characterise.self, Report.self, Replay.self,
      Check.self, KeysCommand.self, Show.self, DoseCommand.self,
      List.self, Query.self, Bus.self, Off.self, Simulate.self, New.self, Doctor.self,
    ])

  static func main() async {
    Console.begin()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Console.end()
      exit(withError: error)
    }
    Console.end()
  }
}
