import SaltireCore
import SaltireInstruments

extension Station {
  /// A trigger line: from an output of one instrument to the trigger inputs of others.
  public struct TriggerLine: Sendable {
    public var instrument: String
    public var number: Int
    public var targets: [String]
  }

  /// Reads the list `triggers`, after the instruments.
  mutating func readTriggers(_ reader: Reader) {
    for section in reader.list(Keys.triggers) {
      let from = section[Keys.from]
      let number = section[Keys.line]
      let targets = section[Keys.to]
      if let entry = instrument(from, section) {
        let most = entry.triggerOutputs
        if number.value > most {
          section.conclude(
            Diagnostic(
              "a \(entry.model.name) has no trigger output \(number.value) that programs can use",
              at: most == 0 ? from.location : number.location,
              hints: most == 0 ? [] : ["lines 1 to \(most)"]))
        }
      }
      for target in targets.value {
        guard let entry = instrument(target, section) else { continue }
        if entry.definition.engines.triggerInput == nil {
          section.report(
            Diagnostic(
              "a \(entry.model.name) has no trigger input that programs can use",
              at: target.location))
        }
        if lines.contains(where: { $0.targets.contains(target.value) }) {
          section.conclude(
            Diagnostic("\(target.value) is on two trigger lines", at: target.location))
        }
      }
      lines.append(
        TriggerLine(
          instrument: from.value, number: number.value, targets: targets.value.map(\.value)))
    }
  }

  private func instrument(_ name: Located<String>, _ reader: Reader) -> Entry? {
    if name.value.isEmpty { return nil }
    if let entry = instruments.first(where: { $0.name == name.value }) { return entry }
    let known = instruments.map(\.name)
    reader.conclude(
      Diagnostic(
        "this bench has no instrument '\(name.value)'", at: name.location,
        hints: [
          suggestion(for: name.value, among: known).map { "did you mean '\($0)'?" }
            ?? "instruments: \(known.joined(separator: ", "))"
        ]))
    return nil
  }

  /// An instrument together with the instruments of the same model on its link, according to its
  /// `nodes`.
  static func linked(
    _ reader: Reader, _ definition: Definition, _ model: Definition.Model
  ) -> (definition: Definition, model: Definition.Model) {
    guard let nodes = reader.optional(Keys.nodes) else { return (definition, model) }
    var numbers: [Int] = []
    for node in nodes.value {
      guard let number = Int(node.value), (2...64).contains(number), !numbers.contains(number)
      else {
        reader.report(
          Diagnostic(
            "'\(node.value)' is not the node number of another instrument on the link",
            at: node.location,
            hints: ["for example nodes: [2, 3]; the instrument itself is node 1"]))
        continue
      }
      numbers.append(number)
    }
    if let linked = definition.linking(nodes: numbers, to: model) { return linked }
    reader.report(
      Diagnostic("a \(model.name) has no link to other instruments", at: nodes.location))
    return (definition, model)
  }
}

extension Station.Entry {
  /// The number of trigger outputs.
  fileprivate var triggerOutputs: Int {
    guard let output = definition.engines.triggerOutput, !output.missing.contains(model.name)
    else { return 0 }
    return output.lines
  }
}
