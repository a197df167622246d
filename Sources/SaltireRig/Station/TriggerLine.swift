import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// A trigger line of a bench, from the instrument that times programs to
/// generators.
struct TriggerLine: Sendable {
  let instrument: Instrument
  let targets: [String]
  let edge: Engines.Edge
  /// Triggers; nil where only a sweep of the instrument does.
  let fire: Line?
  /// Seconds that what is triggered waits.
  let lead: Double
  /// What sets it up.
  let settings: [ArmSetting]

  init?(_ line: Station.TriggerLine, _ instrument: Instrument) {
    let engines = instrument.definition.engines
    guard let output = engines.triggerOutput else { return nil }
    let values = ["line": "\(line.number)"]
    self.instrument = instrument
    targets = line.targets
    edge = output.edge
    fire = output.fire.map { .command($0.filled(values)) }
    lead = output.fire == nil ? engines.list?.lead ?? 0 : 0
    settings = output.arm.map { ArmSetting($0, values) }
  }

  /// What makes a generator listen to it, and no more.
  func commands(for output: LiveBench.Output) -> (listen: [Line], ignore: [Line]) {
    guard let input = output.definition.engines.triggerInput else { return ([], []) }
    return (
      (input.listen[edge] ?? []).map { output.command($0, ["lead": LiveBench.text(lead)]) },
      input.ignore.map { output.command($0) }
    )
  }
}

extension LiveBench {
  /// The line to all of these generators; nil where there is no such line.
  func triggerLine(to terminals: [Terminal]) -> TriggerLine? {
    lines.first { line in
      terminals.allSatisfy { terminal in
        outputs[terminal].map { line.targets.contains($0.instrument.name) } ?? false
      }
    }
  }
}
