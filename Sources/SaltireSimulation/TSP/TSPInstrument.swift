import Foundation
import SaltireInstruments

/// A simulated instrument that runs scripts in a Lua interpreter; its attributes are the settings
/// of its channels.
final class TSPInstrument: SimulatedInstrument {
  let definition: Definition
  let model: Definition.Model
  let channels: [any ChannelModel]
  let serial: String
  let circuit: Circuit
  private let lua = LuaState()
  /// By the name in the tree.
  let nodes: [String: CommandNode]
  private(set) var output: [UInt8] = []
  /// Whether the output exceeded its limit.
  private var isDeadlocked = false
  /// Whether a sweep was started and may continue.
  var isPending = false
  var status: StatusRegisters
  /// The script being loaded.
  private var script: Script?
  /// The name of the script being made a function.
  private(set) var keptName = ""
  /// Duration of each statement of a script in seconds; elsewhere the host's time dominates.
  private(set) var statementTime = 0.0
  /// Fires a trigger line.
  private let fire: (Int) -> Void

  private struct Script {
    /// Empty for the anonymous script.
    let name: String
    let runs: Bool
    /// The client that loads it. After that client has left, lines of the next one are added to it,
    /// as on an instrument that does not distinguish connections.
    weak var client: InstrumentClient?
    var text = ""
    var isOverrun = false

    func takes(_ other: InstrumentClient) -> Bool {
      client == nil || client === other || client?.isGone == true
    }
  }

  /// Maximum length in bytes of a line, and of a script.
  private static let (longestLine, longestScript) = (1 << 20, 4 << 20)

  /// Maximum length in bytes of the output of one message.
  private static let longestOutput = 16 << 20

  /// In seconds; lab time must keep enough resolution for pulses.
  static let longestDelay = 1e5

  /// The functions that are called from outside of scripts.
  private static let entries = ["begin", "stop", "trigger", "complete", "reset", "script"]

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
    let rest = definition.role == .switch ? Self.switchCards : Self.triggerModel
    do throws(LuaState.Failure) {
      try lua.begin(
        Self.prelude + rest + "\nentries.reset = reset\nreturn entries", functions: functions(),
        entries: Self.entries)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  // MARK: Messages

  func receive(_ bytes: [UInt8], from client: InstrumentClient) -> [UInt8] {
    client.buffer += bytes
    (output, isDeadlocked) = ([], false)
    while let line = client.nextLine(
      longest: Self.longestLine, endingAt: { $0 == 10 }, overrun: { report(.inputOverrun) })
    {
      take(String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self), from: client)
    }
    return output
  }

  /// Processes one line: part of a script being loaded, a common command, or a script of its own.
  private func take(_ line: String, from client: InstrumentClient) {
    let word = line.trimmingCharacters(in: .whitespaces)
    if isPending { call("begin") }
    if word == "abort" {
      script = nil
      call("stop")
      return
    }
    if let script, script.takes(client) {
      if word == "endscript" {
        self.script = nil
        keep(script)
      } else {
        add(line, from: client)
      }
      return
    }
    let words = word.split(separator: " ")
    if words.first == "loadandrunscript" || words.first == "loadscript" {
      script = Script(
        name: words.count > 1 ? String(words[1]) : "", runs: words[0] == "loadandrunscript",
        client: client)
    } else if word.hasPrefix("*") {
      common(word)
    } else if !word.isEmpty {
      run { () throws(LuaState.Failure) in try lua.run(line) }
    }
  }

  /// A script that is too long is discarded.
  private func add(_ line: String, from client: InstrumentClient) {
    script!.client = client
    guard !script!.isOverrun else { return }
    if script!.text.utf8.count + line.utf8.count < Self.longestScript {
      script!.text += line + "\n"
    } else {
      script!.text = ""
      script!.isOverrun = true
      report(.outOfMemory)
    }
  }

  /// Makes a script a function of its name, and runs it if requested.
  private func keep(_ script: Script) {
    if script.isOverrun { return }
    let isName = script.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isName, script.name.first?.isNumber != true else {
      return report(-282, "Illegal program name")
    }
    statementTime = definition.engines.script?.statement ?? 0
    defer { statementTime = 0 }
    keptName = script.name
    run { () throws(LuaState.Failure) in
      try lua.call("script", with: script.text, script.runs)
    }
  }

  private func call(_ entry: String) {
    run { () throws(LuaState.Failure) in try lua.call(entry) }
  }

  private func run(_ body: () throws(LuaState.Failure) -> Void) {
    do throws(LuaState.Failure) {
      try body()
    } catch {
      switch error {
      case .syntax(let message):
        report(-285, "TSP Syntax error at line \(LuaMessage.text(message))")
      case .runtime(let message):
        report(-286, "TSP Runtime error at line \(LuaMessage.text(message))")
      }
    }
  }

  /// IEEE 488.2 common commands, which are not Lua (2600BS-901-01, appendix D).
  private func common(_ word: String) {
    let name = word.split(separator: " ").first.map { $0.uppercased() } ?? ""
    let argument = word.split(separator: " ").dropFirst().first.flatMap { UInt8($0) }
    switch name {
    case "*IDN?": write(identity(serial: serial) + "\n")
    case "*RST": call("reset")
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
    case "*WAI": call("complete")
    case "*TRG": call("trigger")
    default: report(-285, "TSP Syntax error at line 1: unexpected symbol near `*'")
    }
  }

  func report(_ fault: SCPIFault) { status.report(fault) }

  func report(_ code: Int, _ text: String) { report(SCPIFault(code, text)) }

  private func write(_ text: String) { output += Array(text.utf8) }

  /// Output of a script; unlimited output is discarded.
  func say(_ bytes: [UInt8]) {
    if isDeadlocked { return }
    guard output.count + bytes.count > Self.longestOutput else { return output += bytes }
    output = []
    isDeadlocked = true
    report(.deadlocked)
  }

  // MARK: Namespace

  func channel(_ value: LuaState.Value) -> any ChannelModel {
    if case .text(let name) = value, let index = model.channels.firstIndex(of: name) {
      return channels[index]
    }
    return channels[0]
  }

  /// Volts, amperes, seconds, and the sourced value.
  func measure(_ arguments: [LuaState.Value]) -> [LuaState.Value] {
    let channel = channel(arguments.first ?? .none)
    circuit.advance(max(0, channel.settings.number("measure.delay")))
    guard let values = (try? channel.answer("measure")) ?? nil, values.count >= 3 else { return [] }
    let level =
      channel.settings.word("source.function") == "current"
      ? "source.level.current" : "source.level.voltage"
    let offsets = ["v", "i"].map { quantity in
      channel.settings.number("measure.rel.enable\(quantity)") == 1
        ? channel.settings.number("measure.rel.level\(quantity)") : 0
    }
    return zip(values, offsets + [0]).map { value, offset in
      if case .number(let number) = value { return .number(number - offset) }
      return .none
    } + [.number(channel.settings.number(level))]
  }

  func act(_ arguments: [LuaState.Value]) {
    guard case .text(let name)? = arguments.first else { return }
    switch name {
    case "opc": status.complete()
    case "too_small": report(1102, "Parameter too small")
    case "fire":
      if arguments.count > 1, case .number(let line) = arguments[1] {
        fire(Int(exactly: line) ?? 0)
      }
    case "reset":
      if arguments.count > 1, case .text = arguments[1] {
        reset(channel(arguments[1]))
      } else {
        resetSettings()
      }
    default: break
    }
  }

  /// Resets one channel; settings of the whole instrument stay.
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
