import SaltireInstruments

/// Commands with several named parameters, as in Siglent's generators (Programming Guide PG02-E05C,
/// 3.3 to 3.7).
extension SCPIInstrument {
  /// Sets the named parameters in order, up to the first error.
  func set(
    _ parameters: [CommandNode.Parameter], _ arguments: [MessageUnit.Argument],
    by node: CommandNode, on channel: any ChannelModel
  ) throws(SCPIFault) {
    guard !arguments.isEmpty else { throw .missingParameter }
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard case .plain(let word) = argument else { throw .dataType }
      let named = parameters.first { !$0.name.isEmpty && $0.name == word.uppercased() }
      guard let parameter = named ?? parameters.first(where: \.name.isEmpty) else {
        throw .illegalParameter
      }
      switch parameter.role {
      case .action(let name)?: try act(name, on: channel)
      case .setting(let name, let kind)?:
        guard let value = named == nil ? argument : rest.popFirst() else {
          throw .missingParameter
        }
        try set(name, kind, [infinite(value)], by: node, on: channel)
      default: break
      }
    }
  }

  /// Infinity in the instrument's own spelling.
  private func infinite(_ argument: MessageUnit.Argument) -> MessageUnit.Argument {
    guard case .plain(let text) = argument, text.uppercased() == definition.style.infinity else {
      return argument
    }
    return .plain("INFinity")
  }

  /// All parameters that can be reported now, after the short form of the command.
  func tell(
    _ parameters: [CommandNode.Parameter], of channel: any ChannelModel, as node: CommandNode
  ) -> String {
    let told = parameters.filter { parameter in
      if case .action? = parameter.role { return false }
      return parameter.conditions.allSatisfy { $1.contains(channel.settings.word($0)) }
    }
    let fields = told.flatMap { parameter -> [String] in
      let name = parameter.name.isEmpty ? [] : [parameter.name]
      guard case .setting(let setting, let kind)? = parameter.role else { return name }
      let value = text(of: setting, kind, channel)
      return name + [value == definition.style.infinity ? value : value + parameter.unit]
    }
    let place = channels.firstIndex { $0 === channel } ?? 0
    let header = (Notation(node.notation)?.words ?? []).map {
      $0.short + ($0.takesSuffix ? model.channels[place] : "")
    }
    return "\(header.joined(separator: ":")) \(fields.joined(separator: ","))"
  }
}
