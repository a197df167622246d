import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// A trigger line of a bench, from the instrument that times programs to generators.
struct TriggerLine: Sendable {
  let instrument: Instrument
  let number: Int
  let targets: [String]
  /// The command that triggers; nil if only a sweep can.
  let fire: Template?
  /// The setting that makes a generator listen to it.
  let listen: Operation.Kind
  /// The settings that configure it.
  let settings: [ArmSetting]

  init?(_ line: Station.TriggerLine, _ instrument: Instrument) {
    let engines = instrument.definition.engines
    guard let output = engines.triggerOutput else { return nil }
    let values = ["line": "\(line.number)"]
    self.instrument = instrument
    number = line.number
    targets = line.targets
    fire = output.fire
    listen = .listen(output.edge, lead: output.fire == nil ? engines.list?.lead ?? 0 : 0)
    settings = output.arm.map { ArmSetting($0, values) }
  }
}

extension LiveBench {
  /// The line to all of these generators; nil if there is none.
  func triggerLine(to terminals: [Terminal]) -> TriggerLine? {
    lines.first { line in
      terminals.allSatisfy { terminal in
        outputs[terminal].map { line.targets.contains($0.instrument.name) } ?? false
      }
    }
  }
}
