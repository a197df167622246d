import SaltireInstruments

/// An instrument that exists as a program: bytes in, bytes out, on the lab
/// clock of its circuit.
protocol SimulatedInstrument: AnyObject {
  var definition: Definition { get }
  var model: Definition.Model { get }
  var serial: String { get }
  /// In the model's order.
  var channels: [any ChannelModel] { get }

  /// Takes bytes as they come off the wire from a client, acts on every message that
  /// they complete, and returns what it answers.
  func receive(_ bytes: [UInt8], from client: InstrumentClient) -> [UInt8]
}

extension SimulatedInstrument {
  /// Brings every setting of the tree to its value after a reset.
  func resetSettings() {
    for channel in channels {
      var settings = Settings()
      for node in definition.tree {
        for (name, kind) in node.settings {
          // One setting may stand in the tree under two names.
          if settings[name] != nil { continue }
          if node.isKept, let kept = channel.settings[name] {
            settings[name] = kept
            continue
          }
          switch kind {
          case .number(let number): settings[name] = .number(value(number.initial))
          case .words(_, let initial): settings[name] = .word(initial)
          case .list(_, let initial, _): settings[name] = .list(initial)
          case .text(let initial): settings[name] = .text(initial)
          }
        }
      }
      for (name, value) in definition.fixed { settings[name] = .number(value) }
      channel.settings = settings
      channel.hasReset()
    }
  }

  /// The first line of the tree for a setting.
  func setting(_ name: String) -> (CommandNode, CommandNode.Kind)? {
    for node in definition.tree {
      if let (_, kind) = node.settings.first(where: { $0.name == name }) { return (node, kind) }
    }
    return nil
  }

  /// The number behind a bound; one that the model does not have is NaN,
  /// which the check of the definition refuses.
  func value(_ bound: CommandNode.Bound) -> Double {
    switch bound {
    case .number(let number): number
    case .named(let name): model.numbers[name] ?? .nan
    }
  }

  /// The reply to `*IDN?`.
  func identity(serial: String) -> String {
    definition.identityReply.filled(["model": model.name, "serial": serial])
  }
}
