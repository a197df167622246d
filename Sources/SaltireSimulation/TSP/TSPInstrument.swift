internal import Foundation
internal import SaltireInstruments

/// A simulated instrument that runs the scripts it is sent in a real Lua
/// interpreter; its attributes are the settings of its channels.
final class TSPInstrument: SimulatedInstrument {
  let definition: Definition
  let model: Definition.Model
  let channels: [any ChannelModel]
  let serial: String
  let circuit: Circuit
  private let lua = LuaState()
  /// By the name in the tree.
  let nodes: [String: CommandNode]
  private var buffer: [UInt8] = []
  private(set) var output: [UInt8] = []
  /// Whether a sweep was started and may go on.
  private var isPending = false
  private var status: StatusRegisters
  /// The script that is being loaded.
  private var script: Script?
  /// Seconds that each statement takes: within scripts, which are timed by it;
  /// else the host's time is longer than the instrument's.
  private var statementTime = 0.0
  /// Triggers what is wired to a line.
  private let fire: (Int) -> Void

  private struct Script {
    /// Empty for the anonymous one.
    let name: String
    let runs: Bool
    var lines: [String] = []
  }

  /// Bytes of answers to what comes at once.
  private static let longestOutput = 16 << 20

  /// Seconds; lab time must stay a number that pulses can be counted in.
  private static let longestDelay = 1e5

  init(
    definition: Definition, model: Definition.Model, channels: [any ChannelModel],
    circuit: Circuit, serial: String, fire: @escaping (Int) -> Void
  ) {
    self.fire = fire
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
      let rest = definition.role == .switch ? Self.switchCards : Self.triggerModel
      try lua.run(Self.prelude + rest, name: "=prelude")
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
    if isPending { run("saltire_begin()") }
    if word == "abort" {
      script = nil
      run("saltire_stop()")
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
    statementTime = definition.engines.script?.statement ?? 0
    defer { statementTime = 0 }
    run("saltire_script('\(script.name)', function(...) \(body)\nend)\(script.runs ? "()" : "")")
  }

  private func run(_ text: String) {
    do throws(LuaState.Failure) {
      try lua.run(text, name: "=TSP")
    } catch {
      switch error {
      case .syntax(let message):
        report(-285, "TSP Syntax error at line \(LuaMessage.text(message))")
      case .runtime(let message):
        report(-286, "TSP Runtime error at line \(LuaMessage.text(message))")
      }
    }
  }

  /// IEEE 488.2 common commands, which are no Lua (2600BS-901-01, appendix D).
  private func common(_ word: String) {
    let name = word.split(separator: " ").first.map { $0.uppercased() } ?? ""
    let argument = word.split(separator: " ").dropFirst().first.flatMap { UInt8($0) }
    switch name {
    case "*IDN?": write(identity(serial: serial) + "\n")
    case "*RST":
      run("reset()")
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
    case "*WAI": run("waitcomplete()")
    case "*TRG": run("saltire_trigger()")
    default: report(-285, "TSP Syntax error at line 1: unexpected symbol near `*'")
    }
  }

  func report(_ code: Int, _ text: String) { status.report(SCPIFault(code, text)) }

  private func write(_ text: String) { output += Array(text.utf8) }

  /// What a script prints, as long as it has not printed without end.
  private func say(_ bytes: [UInt8]) {
    if output.count < Self.longestOutput { output += bytes }
  }

  // MARK: Namespace

  func channel(_ value: LuaState.Value) -> any ChannelModel {
    if case .text(let name) = value, let index = model.channels.firstIndex(of: name) {
      return channels[index]
    }
    return channels[0]
  }

  private func define() {
    let names = definition.role == .switch ? [] : model.channels.map(LuaState.Value.text)
    lua.define("saltire_channels") { _ in names }
    lua.define("saltire_get") { [unowned self] in get($0) }
    lua.define("saltire_set") { [unowned self] in
      circuit.advance(statementTime)
      return [set($0)]
    }
    lua.define("saltire_measure") { [unowned self] in
      circuit.advance(statementTime)
      return measure($0)
    }
    lua.define("saltire_lines") { [definition] _ in
      [.number(Double(definition.engines.triggerOutput?.lines ?? 0))]
    }
    lua.define("saltire_wait") { [unowned self] in
      if case .number(let seconds)? = $0.first { circuit.advance(min(seconds, Self.longestDelay)) }
      return []
    }
    lua.define("saltire_paths") { [definition] _ in
      definition.tree.map { .text($0.notation) }
    }
    lua.define("saltire_constants") { [definition] _ in
      definition.constants.keys.sorted().map { .text($0) }
    }
    lua.define("saltire_model") { [model] in
      guard case .text(let name)? = $0.first, let number = model.numbers[name] else {
        return [.none]
      }
      return [.number(number)]
    }
    lua.define("saltire_report") { [unowned self] in
      if case .number(let code)? = $0.first, case .text(let text)? = $0.last {
        report(Int(code), text)
      }
      return []
    }
    lua.define("saltire_settable") { [unowned self] in
      guard case .text(let path)? = $0.first, case .setting? = nodes[path]?.role else {
        return [.flag(false)]
      }
      return [.flag(true)]
    }
    lua.define("saltire_pending") { [unowned self] in
      isPending = $0.first == .flag(true)
      return []
    }
    lua.define("saltire_time") { [unowned self] _ in [.number(circuit.time)] }
    lua.define("saltire_act") { [unowned self] in
      act($0)
      return []
    }
    lua.define("saltire_write") { [unowned self] in
      if case .text(let text)? = $0.first { say(Array(text.utf8)) }
      return []
    }
    lua.define("saltire_number") { [unowned self] in
      guard case .number(let number)? = $0.first else { return [.none] }
      return [.text(text(number))]
    }
    lua.define("saltire_buffer") { [unowned self] in
      say(bytes($0.map { if case .number(let number) = $0 { number } else { .nan } }))
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
    case "too_small": report(1102, "Parameter too small")
    case "fire":
      if arguments.count > 1, case .number(let line) = arguments[1] { fire(Int(line)) }
    case "reset":
      if arguments.count > 1, case .text = arguments[1] {
        reset(channel(arguments[1]))
      } else {
        resetSettings()
      }
    default: break
    }
  }

  /// Resets one channel; what belongs to the whole instrument stays.
  private func reset(_ channel: any ChannelModel) {
    let before = channels.map { $0.settings }
    resetSettings()
    for (other, settings) in zip(channels, before) {
      if other !== channel {
        other.settings = settings
        other.hasReset()
        continue
      }
      for node in definition.tree where !node.notation.contains("smuX") {
        if case .setting(let name, _) = node.role { other.settings[name] = settings[name] }
      }
    }
  }
}
