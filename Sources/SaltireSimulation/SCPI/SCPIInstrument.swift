import Foundation
import SaltireInstruments

/// A simulated SCPI instrument: accepts every legal form of every command in its definition's tree,
/// has an error queue and status registers, and acts through its channels.
final class SCPIInstrument: SimulatedInstrument {
  let definition: Definition
  let model: Definition.Model
  let channels: [any ChannelModel]
  let serial: String
  let index = CommandIndex<CommandNode>()
  var status: StatusRegisters
  /// Whether a query waits for a trigger: until it is aborted or cleared, nothing is performed.
  private var isWaiting = false

  /// Longer messages are rejected.
  private static let longestMessage = 4 << 20
  /// Maximum length of the replies to one message, in bytes.
  private static let longestAnswer = 16 << 20

  init(
    definition: Definition, model: Definition.Model, channels: [any ChannelModel], serial: String
  ) {
    self.definition = definition
    self.model = model
    self.channels = channels
    self.serial = serial
    status = StatusRegisters(depth: definition.errorQueue)
    for node in definition.tree {
      if let notation = Notation(node.notation) { index.add(notation, node) }
    }
    resetSettings()
  }

  // MARK: Messages

  func receive(_ bytes: [UInt8], from client: InstrumentClient) -> [UInt8] {
    client.buffer += bytes
    var output: [UInt8] = []
    var position = 0
    while let length = messageLength(client.buffer[position...]) {
      let message = client.buffer[position..<(position + length - 1)]
      position += length
      let isRest = client.isOverrun
      client.isOverrun = false
      // A device clear on a serial line: ^C or ^X (Keithley 2400, 2-10).
      let text = message.drop { $0 == 3 || $0 == 24 }
      guard !isRest, !text.isEmpty else { continue }
      if isWaiting, text.count == message.count, !Self.aborts(text) { continue }
      isWaiting = false
      let answers = perform(Array(text))
      if !answers.isEmpty {
        output += Array(answers.joined(separator: ";").utf8)
        output.append(definition.terminator)
      }
    }
    client.buffer.removeFirst(position)
    if client.buffer.count > Self.longestMessage {
      client.buffer = []
      // The rest of the message is ignored.
      if !client.isOverrun { status.report(.inputOverrun) }
      client.isOverrun = true
    }
    return output
  }

  private static func aborts(_ message: some Collection<UInt8>) -> Bool {
    String(decoding: message, as: UTF8.self).uppercased().contains("ABOR")
  }

  private func perform(_ message: [UInt8]) -> [String] {
    var answers: [String] = []
    var place = index
    var size = 0
    for unit in MessageUnit.parse(message) {
      do throws(SCPIFault) {
        let answer = try perform(try unit.get(), from: &place)
        guard let answer else { continue }
        size += answer.utf8.count
        // Both of its buffers are full (IEEE 488.2, 6.3.1.7).
        guard size <= Self.longestAnswer else {
          status.report(.deadlocked)
          return []
        }
        answers.append(answer)
      } catch {
        if error == .waiting {
          isWaiting = true
          return []
        }
        status.report(error)
        // After an error the rest of the message is ignored (IEEE 488.2, 6.1.6.1).
        if error.eventBit == 0x20 { break }
      }
    }
    return answers
  }

  private func perform(
    _ unit: MessageUnit, from place: inout CommandIndex<CommandNode>
  ) throws(SCPIFault) -> String? {
    if unit.header.hasPrefix("*") { return try common(unit) }
    var current = unit.header.hasPrefix(":") ? index : place
    var parent = current
    var suffix: Int?
    for word in unit.header.split(separator: ":") {
      guard let (child, number) = current.child(word) else { throw .undefinedHeader }
      (parent, current) = (current, child)
      suffix = number ?? suffix
    }
    place = parent
    guard let node = current.value else { throw .undefinedHeader }
    guard let position = channel(suffix) else { throw .suffixOutOfRange }
    guard case .plain(let list)? = unit.arguments.last, list.hasPrefix("(@") else {
      return try perform(node, unit, on: channels[position])
    }
    var unit = unit
    unit.arguments.removeLast()
    var answers: [String] = []
    for position in try ChannelList.positions(list, of: channels.count) {
      if let answer = try perform(node, unit, on: channels[position]) { answers.append(answer) }
    }
    return answers.isEmpty ? nil : answers.joined(separator: ",")
  }

  private func channel(_ suffix: Int?) -> Int? {
    guard let suffix else { return 0 }
    return model.channels.firstIndex(of: String(suffix))
  }

  // MARK: The tree

  func perform(
    _ node: CommandNode, _ unit: MessageUnit, on channel: any ChannelModel
  ) throws(SCPIFault) -> String? {
    switch node.role {
    case .setting(let name, let kind):
      if unit.isQuery { return try tell(name, kind, unit, of: channel) }
      try set(name, kind, unit.arguments, by: node, on: channel)
      return nil
    case .assignment(let names, let fixed):
      guard !unit.isQuery else { throw .undefinedHeader }
      guard unit.arguments.count <= names.count else { throw .parameterNotAllowed }
      for (name, meaning) in fixed.sorted(by: { $0.key < $1.key }) {
        try onChannel { () throws(ChannelFault) in try channel.set(name, .word(meaning)) }
      }
      for (name, argument) in zip(names, unit.arguments) {
        guard let (node, kind) = setting(name) else { throw .undefinedHeader }
        try set(name, kind, [argument], by: node, on: channel)
      }
      return nil
    case .query(let name):
      guard unit.isQuery else { throw .undefinedHeader }
      return try answer(name, node, unit.arguments, channel)
    case .reply(let text):
      guard unit.isQuery else { throw .undefinedHeader }
      return text
    case .action(let name):
      guard !unit.isQuery else { throw .undefinedHeader }
      try act(name, on: channel)
      return nil
    case .told(let names):
      guard unit.isQuery else { throw .undefinedHeader }
      let values = names.map { text(of: $0, setting($0)?.1, channel) }
      return "\"\(values.joined(separator: ","))\""
    case .parameters(let parameters):
      if unit.isQuery { return tell(parameters, of: channel, as: node) }
      try set(parameters, unit.arguments, by: node, on: channel)
      return nil
    }
  }

  func set(
    _ name: String, _ kind: CommandNode.Kind, _ arguments: [MessageUnit.Argument],
    by node: CommandNode, on channel: any ChannelModel
  ) throws(SCPIFault) {
    let (value, fault) = try SCPIValue.parse(
      arguments, as: kind, clips: definition.style.clips,
      isSwapped: channel.settings.word("format.border") == "swapped", bound: value)
    for channel in node.isOfChannel ? [channel] : channels {
      let before = channel.settings[name]
      try onChannel { () throws(ChannelFault) in
        try channel.set(name, value)
        if node.turnsOutputOff, channel.settings[name] != before {
          try channel.set("output", .word("off"))
        }
      }
    }
    if let fault { throw fault }
  }

  private func tell(
    _ name: String, _ kind: CommandNode.Kind, _ unit: MessageUnit, of channel: any ChannelModel
  ) throws(SCPIFault) -> String {
    if case .plain(let word)? = unit.arguments.first {
      guard let special = SCPIValue.special(word, kind, bound: value) else {
        throw .illegalParameter
      }
      return SCPIValue.text(.number(special), kind, definition.style)
    }
    return text(of: name, kind, channel)
  }

  func text(
    of name: String, _ kind: CommandNode.Kind?, _ channel: any ChannelModel
  ) -> String {
    SCPIValue.text(channel.settings[name] ?? .number(0), kind, definition.style)
  }

  func act(_ name: String, on channel: any ChannelModel) throws(SCPIFault) {
    switch name {
    case "nothing": return
    case "clear_errors": status.clear()
    case "preset": resetSettings()
    case "preset_status":
      for channel in channels {
        for name in ["status.measurement", "status.questionable", "status.operation"]
        where channel.settings[name] != nil {
          channel.settings[name] = .number(0)
        }
      }
    default:
      let known = try onChannel { () throws(ChannelFault) in try channel.act(name) }
      if !known { throw .undefinedHeader }
    }
  }

  private func answer(
    _ name: String, _ node: CommandNode, _ arguments: [MessageUnit.Argument],
    _ channel: any ChannelModel
  ) throws(SCPIFault) -> String {
    switch name {
    case "next_error": return text(status.nextError())
    case "error_count": return "\(status.errors.count)"
    case "all_errors":
      var all: [String] = []
      repeat { all.append(text(status.nextError())) } while !status.errors.isEmpty
      return all.joined(separator: ",")
    case "measurement_events":
      noteMeasurements()
      return "\(status.takeMeasurements())"
    case "measure", "latest", "buffer", "measure_on", "measure_voltage", "measure_current",
      "measure_resistance", "measure_anyway", "sense_voltage", "sense_current", "sense_resistance",
      "spot":
      let choice = try ReadingChoice(arguments, node)
      if name == "measure", channel.settings.word("output") != "on" {
        throw SCPIFault(.outputOff)
      }
      let values = try onChannel { () throws(ChannelFault) in try channel.answer(name) }
      guard let values, !values.isEmpty else {
        guard let nothing = definition.style.noReading else { throw .stale }
        return nothing
      }
      let readings = stride(from: 0, to: values.count, by: 4).map {
        Reading(Array(values.dropFirst($0).prefix(4)), channel.settings)
      }
      return try choice.of(readings, all: name == "buffer").map {
        $0.text(definition.style, choice.elements)
      }.joined(separator: ",")
    case "buffer_count", "line_frequency":
      _ = try ReadingChoice(arguments, node)
      let values = try onChannel { () throws(ChannelFault) in try channel.answer(name) }
      guard case .number(let count)? = values?.first else { throw .undefinedHeader }
      return String(format: "%.0f", count)
    default:
      let values = try onChannel { () throws(ChannelFault) in try channel.answer(name) }
      guard let values else { throw .undefinedHeader }
      return values.map { SCPIValue.text($0, nil, definition.style) }.joined(separator: ",")
    }
  }

  private func text(_ fault: SCPIFault) -> String {
    fault == .none
      ? definition.style.noError
      : "\(fault.code),\"\(definition.style.errors[fault.code] ?? fault.text)"
        + "\(definition.style.errorSuffix)\""
  }

  /// Transfers measurement events of the channels to the measurement status.
  func noteMeasurements() {
    for channel in channels { status.measurements |= channel.takeEvents() }
    status.measurementEnable = channels[0].settings.count("status.measurement", most: 0xFFFF)
  }

  private func onChannel<Value>(
    _ body: () throws(ChannelFault) -> Value
  ) throws(SCPIFault) -> Value {
    do throws(ChannelFault) { return try body() } catch { throw SCPIFault(error) }
  }
}
