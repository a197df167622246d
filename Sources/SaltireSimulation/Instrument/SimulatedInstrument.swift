import SaltireInstruments

/// An instrument in software: bytes in, bytes out, on the lab clock of its circuit.
protocol SimulatedInstrument: AnyObject {
  var definition: Definition { get }
  var model: Definition.Model { get }
  var serial: String { get }
  /// In the model's order.
  var channels: [any ChannelModel] { get }

  /// Receives bytes from a client, performs every message that they complete, and returns the
  /// replies.
  func receive(_ bytes: [UInt8], from client: InstrumentClient) -> [UInt8]
}

extension SimulatedInstrument {
  /// Sets every setting of the tree to its reset value.
  func resetSettings() {
    for channel in channels {
      var settings = Settings()
      for node in definition.tree {
        for (name, kind) in node.settings {
          // A setting may occur in the tree under two names.
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

  /// Sets the mains frequency, which instruments find when they are switched on.
  func findMains(_ hertz: Double) {
    guard let (_, kind) = setting("line_frequency") else { return }
    let value: SettingValue
    if case .words = kind { value = .word("\(Int(hertz))") } else { value = .number(hertz) }
    for channel in channels { try? channel.set("line_frequency", value) }
  }

  /// The first tree entry of a setting.
  func setting(_ name: String) -> (CommandNode, CommandNode.Kind)? {
    for node in definition.tree {
      if let (_, kind) = node.settings.first(where: { $0.name == name }) { return (node, kind) }
    }
    return nil
  }

  /// The number for a bound; NaN if the model does not have it, which the check of the definition
  /// rejects.
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
