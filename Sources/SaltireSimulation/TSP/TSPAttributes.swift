import SaltireInstruments

extension TSPInstrument {
  /// The value of an attribute, or an error.
  func get(_ arguments: [LuaState.Value]) -> [LuaState.Value] {
    guard case .text(let path)? = arguments.first else { return [.none] }
    let channel = channel(arguments.count > 1 ? arguments[1] : .none)
    switch nodes[path]?.role {
    case .setting(let name, let kind):
      switch channel.settings[name] {
      case .number(let number)?: return [.number(number)]
      case .text(let text)?: return [.text(text)]
      case .word(let meaning)?:
        guard case .words(let words, _) = kind,
          let word = words.first(where: { $0.meaning == meaning })
        else { return [.none] }
        return [Double(word.spelling).map(LuaState.Value.number) ?? .text(word.spelling)]
      case .list, nil: return [.none]
      }
    case .reply(let text): return [Double(text).map(LuaState.Value.number) ?? .text(text)]
    case .query(let query):
      switch query {
      case "model": return [.text(model.name)]
      case "serial": return [.text(serial)]
      default:
        guard let value = (try? channel.answer(query))??.first else { return [.none] }
        switch value {
        case .number(let number): return [.number(number)]
        case .word(let word): return [.flag(word == "on")]
        case .text(let text): return [.text(text)]
        case .list: return [.none]
        }
      }
    case .action, .assignment, .told, .parameters, nil:
      return [definition.constants[path].map(LuaState.Value.number) ?? .none]
    }
  }

  /// Sets an attribute; returns the error text on failure.
  func set(_ arguments: [LuaState.Value]) -> LuaState.Value {
    guard arguments.count == 3, case .text(let path) = arguments[0] else {
      return .text("attribute expected")
    }
    guard case .setting(let name, let kind)? = nodes[path]?.role else {
      return .text("attempt to set an unknown or read-only attribute `\(path)'")
    }
    let channel = channel(arguments[1])
    let value: SettingValue
    switch (kind, arguments[2]) {
    case (.number(let form), .number(let number)) where !number.isNaN:
      if let minimum = form.minimum, number < self.value(minimum) {
        report(1102, "Parameter too small")
        return .none
      }
      if let maximum = form.maximum, number > self.value(maximum) {
        report(1101, "Parameter too big")
        return .none
      }
      value = .number(number)
    case (.words(let words, _), let given):
      guard let word = words.first(where: { Self.matches($0.spelling, given) }) else {
        report(1401, "Parameter 1 is invalid")
        return .none
      }
      value = .word(word.meaning)
    case (.text, .text(let text)): value = .text(text)
    default:
      report(1401, "Parameter 1 is invalid")
      return .none
    }
    do throws(ChannelFault) {
      try channel.set(name, value)
      if name.hasPrefix("source.level") {
        circuit.advance(max(0, channel.settings.number("source.delay")))
      }
    } catch {
      switch error {
      case .outOfRange: report(5005, "Value too big for range")
      case .belowRange: report(1102, "Parameter too small")
      case .conflict(let what): report(-221, "Settings conflict; \(what)")
      case .waiting: break
      case .exhausted: report(.systemError)
      case .outputOff: report(5061, "Operation not permitted while OUTPUT is off")
      }
    }
    return .none
  }

  private static func matches(_ spelling: String, _ value: LuaState.Value) -> Bool {
    switch value {
    case .number(let number): Double(spelling) == number
    case .flag(let flag): spelling == "\(flag)" || Double(spelling) == (flag ? 1 : 0)
    case .text(let text): spelling == text
    case .none: false
    }
  }
}
