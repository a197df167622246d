import Foundation
import SaltireInstruments

/// A simulated instrument with one channel that recognises its commands anywhere in a line: it
/// performs the first matching command of the tree, with the number after the first space, and
/// ignores the rest of the line.
///
/// It has no error queue and does not report errors.
final class LineInstrument: SimulatedInstrument {
  let definition: Definition
  let model: Definition.Model
  let channels: [any ChannelModel]
  let serial: String

  /// Longer lines are ignored.
  private static let longestLine = 2048

  init(
    definition: Definition, model: Definition.Model, channels: [any ChannelModel], serial: String
  ) {
    self.definition = definition
    self.model = model
    self.channels = channels
    self.serial = serial
    resetSettings()
  }

  func receive(_ bytes: [UInt8], from client: InstrumentClient) -> [UInt8] {
    client.buffer += bytes
    var output: [UInt8] = []
    while let line = client.nextLine(
      longest: Self.longestLine, endingAt: { $0 == 10 || $0 == 13 }, overrun: {})
    {
      let text = String(decoding: line, as: UTF8.self)
      guard !line.isEmpty, let node = definition.node(in: text), let answer = perform(node, text)
      else { continue }
      output += Self.padded(Array(answer.utf8) + [definition.terminator], to: node.length)
    }
    return output
  }

  /// Replies fill whole buffers: shorter ones are padded with NUL.
  private static func padded(_ bytes: [UInt8], to length: Int) -> [UInt8] {
    bytes + Array(repeating: 0, count: max(0, length - bytes.count))
  }

  private func perform(_ node: CommandNode, _ line: String) -> String? {
    let channel = channels[0]
    switch node.role {
    case .reply(let text): return text
    case .setting(let name, let kind): set(name, kind, Self.number(in: line))
    case .assignment(_, let fixed):
      for (name, meaning) in fixed { try? channel.set(name, .word(meaning)) }
    case .action("preset"): resetSettings()
    case .action(let name): _ = try? channel.act(name)
    case .query("identity"): return identity(serial: serial)
    case .told, .parameters: return nil
    case .query(let name):
      if let sets = node.sets, let (_, kind) = setting(sets) {
        set(sets, kind, Self.number(in: line))
      }
      guard let values = try? channel.answer(name) else { return nil }
      return node.figures.map { $0.text(values) }.joined(separator: ",")
    }
    return nil
  }

  private func set(_ name: String, _ kind: CommandNode.Kind, _ number: Double) {
    let parsed = try? SCPIValue.parse(
      [.plain("\(number)")], as: kind, clips: true, isSwapped: false, bound: value)
    if let parsed { try? channels[0].set(name, parsed.value) }
  }

  /// The number after the first space, parsed as in C: text that does not begin with a number gives
  /// 0.
  private static func number(in line: String) -> Double {
    guard let space = line.firstIndex(of: " ") else { return 0 }
    return strtod(String(line[space...]), nil)
  }
}

extension CommandNode.Figure {
  /// The elements of a reading: volts, amperes, seconds, compliance.
  fileprivate func text(_ reading: [SettingValue]) -> String {
    let place = ["voltage": 0, "current": 1, "time": 2][name] ?? 3
    guard place < reading.count, case .number(let value) = reading[place] else { return "" }
    return String(format: isExponential ? "%.\(decimals)e" : "%.\(decimals)f", value)
  }
}
