import ArgumentParser

/// The command line: the only module that prints and that gives hints.
@main
struct Saltire: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "saltire",
    abstract: "Experiments on three-terminal electrochemical synapses (ECRAM).",
    discussion: """
      A protocol file describes the experiment, a bench file the rig:

        saltire run protocols/shd.yaml --bench instruments/benches/simulated.yaml
        saltire report out/shd-001.saltire

      Every run is recorded in a session: one file with everything needed to write its report or \
      to replay it without instruments. --set overrides any value of a protocol or bench: --set \
      noise=0.5 --set devices.states=1000.

      Exit status: 0 done; 10 stopped by a limit; 11 finished, but the acceptance criteria failed \
      (no symmetry point, not converged); 12 an output is not confirmed safe; 13 a replay \
      diverged; 64 usage; 65 bad or missing protocol, bench or session; 69 instrument not found; \
      74 input or output failed, or rsvg-convert is missing; 75 instrument or session in use; 77 \
      permission denied; 78 an instrument does not match the bench file, or a setting reads back \
      differently; 130 interrupted, safe.
      """,
    version: version,
    subcommands: [
      Run.self, Resume.self, Guard.self, Train.self, Characterise.self, Report.self, Replay.self,
      Check.self, Commission.self, Hold.self, KeysCommand.self, SettingsCommand.self, Show.self,
      DoseCommand.self,
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
