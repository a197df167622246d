internal import Foundation
internal import SaltireInstruments

/// A simulated instrument that runs the scripts it is sent in a real Lua
/// interpreter; its attributes are the settings of its channels.
final class TSPInstrument: SimulatedInstrument {
  let definition: Definition
  let model: Definition.Model
  let channels: [any ChannelModel]
  private let serial: String
  let circuit: Circuit
  private let lua = LuaState()
  /// By the name in the tree.
  private let nodes: [String: CommandNode]
  private var buffer: [UInt8] = []
  private(set) var output: [UInt8] = []
  private var status: StatusRegisters
  /// The script that is being loaded.
  private var script: Script?

  private struct Script {
    /// Empty for the anonymous one.
    let name: String
    let runs: Bool
    var lines: [String] = []
  }

  init(
    definition: Definition, model: Definition.Model, channels: [any ChannelModel],
    circuit: Circuit, serial: String
  ) {
    self.definition = definition
    self.model = model
    self.channels = channels
    self.circuit = circuit
    self.serial = serial
    nodes = Dictionary(
      definition.tree.map { ($0.notation, $0) }, uniquingKeysWith: { first, _ in first })
    status = StatusRegisters(depth: definition.errorQueue)
    resetSettings()
    define()
    do throws(LuaState.Failure) {
      try lua.run(Self.prelude, name: "=prelude")
    } catch {
      preconditionFailure("\(error)")
    }
  }

  // MARK: Messages

  func receive(_ bytes: [UInt8]) -> [UInt8] {
    buffer += bytes
    output = []
    while let end = buffer.firstIndex(of: 10) {
      var line = String(decoding: buffer[..<end], as: UTF8.self)
      if line.hasSuffix("\r") || line.hasSuffix("\r\n") { line.removeLast() }
      buffer.removeFirst(end + 1)
      take(line)
    }
    if buffer.count > 1 << 20 { buffer = [] }
    return output
  }

  /// One line: part of a script that is being loaded, a common command, or a
  /// script of its own.
  private func take(_ line: String) {
    let word = line.trimmingCharacters(in: .whitespaces)
    if word == "abort" {
      script = nil
      return
    }
    if let script {
      if word == "endscript" {
        self.script = nil
        keep(script)
      } else {
        self.script!.lines.append(line)
      }
      return
    }
    let words = word.split(separator: " ")
    if words.first == "loadandrunscript" || words.first == "loadscript" {
      script = Script(
        name: words.count > 1 ? String(words[1]) : "", runs: words[0] == "loadandrunscript")
    } else if word.hasPrefix("*") {
      common(word)
    } else if !word.isEmpty {
      run(line)
    }
  }

  /// Makes a script a function of its name, and runs it where that is asked.
  private func keep(_ script: Script) {
    let isName = script.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isName, script.name.first?.isNumber != true else {
      return report(-282, "Illegal program name")
    }
    // Begun in the line of the script's first, so that errors tell its lines.
    let body = script.lines.joined(separator: "\n")
    run("saltire_script('\(script.name)', function(...) \(body)\nend)\(script.runs ? "()" : "")")
  }

  private func run(_ text: String) {
    do throws(LuaState.Failure) {
      try lua.run(text, name: "=TSP")
    } catch {
      // "TSP:1: …" as Lua says it, "… at line 1: …" as the instrument does.
      switch error {
      case .syntax(let message): report(-285, "TSP Syntax error at line \(Self.place(message))")
      case .runtime(let message): report(-286, "TSP Runtime error at line \(Self.place(message))")
      }
    }
  }

  private static func place(_ message: String) -> String {
    guard message.hasPrefix("TSP:") else { return "1: \(message)" }
    let rest = message.dropFirst(4)
    guard let colon = rest.firstIndex(of: ":") else { return String(rest) }
    return "\(rest[..<colon]):\(rest[rest.index(after: colon)...])"
  }

  /// IEEE 488.2 common commands, which are no Lua (2600BS-901-01, appendix D).
  private func common(_ word: String) {
    let name = word.split(separator: " ").first.map { $0.uppercased() } ?? ""
    let argument = word.split(separator: " ").dropFirst().first.flatMap { UInt8($0) }
    switch name {
    case "*IDN?": write(identity(serial: serial) + "\n")
    case "*RST": resetSettings()
    case "*CLS": status.clear()
    case "*OPC": status.complete()
    case "*OPC?": write("1\n")
    case "*ESR?": write("\(status.takeEvents())\n")
    case "*ESE?": write("\(status.eventEnable)\n")
    case "*ESE": status.eventEnable = argument ?? 0
    case "*SRE?": write("\(status.requestEnable)\n")
    case "*SRE": status.requestEnable = argument ?? 0
    case "*STB?": write("\(status.statusByte)\n")
    case "*TST?": write("0\n")
    case "*WAI", "*TRG": break
    default: report(-285, "TSP Syntax error at line 1: unexpected symbol near `*'")
    }
  }

  private func report(_ code: Int, _ text: String) { status.report(SCPIFault(code, text)) }

  private func write(_ text: String) { output += Array(text.utf8) }

  // MARK: Namespace

  private func channel(_ value: LuaState.Value) -> any ChannelModel {
    if case .text(let name) = value, let index = model.channels.firstIndex(of: name) {
      return channels[index]
    }
    return channels[0]
  }

  private func define() {
    let names = model.channels.map(LuaState.Value.text)
    lua.define("saltire_channels") { _ in names }
    lua.define("saltire_get") { [unowned self] in get($0) }
    lua.define("saltire_set") { [unowned self] in [set($0)] }
    lua.define("saltire_measure") { [unowned self] in measure($0) }
    lua.define("saltire_wait") { [unowned self] in
      if case .number(let seconds)? = $0.first { circuit.advance(seconds) }
      return []
    }
    lua.define("saltire_time") { [unowned self] _ in [.number(circuit.time)] }
    lua.define("saltire_act") { [unowned self] in
      act($0)
      return []
    }
    lua.define("saltire_write") { [unowned self] in
      if case .text(let text)? = $0.first { write(text) }
      return []
    }
    lua.define("saltire_number") { [unowned self] in
      guard case .number(let number)? = $0.first else { return [.none] }
      return [.text(text(number))]
    }
    lua.define("saltire_buffer") { [unowned self] in
      output += bytes($0.map { if case .number(let number) = $0 { number } else { .nan } })
      return []
    }
    lua.define("saltire_count") { [unowned self] _ in [.number(Double(status.errors.count))] }
    lua.define("saltire_clear") { [unowned self] _ in
      status.clear()
      return []
    }
    lua.define("saltire_take") { [unowned self] _ in
      let error = status.nextError()
      if error == .none { return [.number(0), .text("Queue Is Empty"), .number(0), .number(0)] }
      return [.number(Double(error.code)), .text(error.text), .number(20), .number(1)]
    }
  }

  /// The value of an attribute, or what is wrong with asking for it.
  private func get(_ arguments: [LuaState.Value]) -> [LuaState.Value] {
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
      case nil: return [.none]
      }
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
        }
      }
    case .action, nil:
      return [definition.constants[path].map(LuaState.Value.number) ?? .none]
    }
  }

  /// Sets an attribute; the text of the error where that fails.
  private func set(_ arguments: [LuaState.Value]) -> LuaState.Value {
    guard arguments.count == 3, case .text(let path) = arguments[0] else {
      return .text("attribute expected")
    }
    guard case .setting(let name, let kind)? = nodes[path]?.role else {
      return .text("attempt to set an unknown or read-only attribute `\(path)'")
    }
    let channel = channel(arguments[1])
    let value: SettingValue
    switch (kind, arguments[2]) {
    case (.number(let minimum, let maximum, _), .number(let number)):
      if let minimum, number < self.value(minimum) {
        report(1102, "Parameter too small")
        return .none
      }
      if let maximum, number > self.value(maximum) {
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
    } catch {
      switch error {
      case .outOfRange: report(5005, "Value too big for range")
      case .conflict(let what): report(-221, "Settings conflict; \(what)")
      case .outputOff: report(5061, "Operation not permitted while OUTPUT is off")
      }
    }
    return .none
  }

  private static func matches(_ spelling: String, _ value: LuaState.Value) -> Bool {
    switch value {
    case .number(let number): Double(spelling) == number
    case .flag(let flag): Double(spelling) == (flag ? 1 : 0)
    case .text(let text): spelling == text
    case .none: false
    }
  }

  /// Volts, amperes, seconds, and the sourced value.
  private func measure(_ arguments: [LuaState.Value]) -> [LuaState.Value] {
    let channel = channel(arguments.first ?? .none)
    guard let values = (try? channel.answer("measure")) ?? nil, values.count >= 3 else { return [] }
    let level =
      channel.settings.word("source.function") == "current"
      ? "source.level.current" : "source.level.voltage"
    return values.prefix(3).map { value in
      if case .number(let number) = value { return .number(number) }
      return .none
    } + [.number(channel.settings.number(level))]
  }

  private func act(_ arguments: [LuaState.Value]) {
    guard case .text(let name)? = arguments.first else { return }
    switch name {
    case "opc": status.complete()
    case "reset":
      if arguments.count > 1, case .text = arguments[1] {
        let channel = channel(arguments[1])
        let others = channels.filter { $0 !== channel }.map { ($0, $0.settings) }
        resetSettings()
        for (other, settings) in others {
          other.settings = settings
          other.hasReset()
        }
      } else {
        resetSettings()
      }
    default: break
    }
  }
}
