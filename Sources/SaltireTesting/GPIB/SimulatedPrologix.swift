import Synchronization

/// A GPIB adapter with the Prologix GPIB-USB command set and simulated devices on its bus, served
/// by a ``PseudoTerminal`` or a `SocketServer`.
///
/// It blocks like a real adapter: while a silent device is addressed to talk, nothing else happens
/// on the bus.
public final class SimulatedPrologix: Sendable {
  /// The differences between compatible adapters.
  public enum Kind: Sendable, CaseIterable {
    case prologix
    /// Saves its settings only on request, with the command that disables saving on a Prologix.
    case ar488

    var version: String {
      switch self {
      case .prologix: "Prologix GPIB-USB Controller version 6.107"
      case .ar488: "AR488 GPIB controller, ver. 0.53.04, 13/04/2025"
      }
    }
  }

  private struct State {
    var line: [UInt8] = []
    var isEscaped = false
    /// Whether the line began with an escape and is therefore data.
    var beganEscaped = false
    /// The factory settings of a Prologix.
    var settings = [
      "mode": "1", "addr": "0", "auto": "1", "eoi": "1", "eos": "0", "eot_enable": "0",
      "eot_char": "0", "read_tmo_ms": "1000", "savecfg": "1",
    ]
    var memoryWrites = 0
    var complaints: [String] = []
  }

  private let kind: Kind
  private let devices: [String: SimulatedGPIBDevice]
  private let state = Mutex(State())

  /// - Parameters:
  ///   - kind: the kind of adapter.
  ///   - devices: by address, such as `9` and `9 96`.
  public init(_ kind: Kind, _ devices: [String: SimulatedGPIBDevice]) {
    self.kind = kind
    self.devices = devices
  }

  /// How often it wrote to its flash memory, which wears out.
  public var memoryWrites: Int { state.withLock { $0.memoryWrites } }

  /// Unknown commands, and messages for addresses without a device.
  public var complaints: [String] { state.withLock { $0.complaints } }

  /// Its settings, by command name.
  public subscript(setting: String) -> String? { state.withLock { $0.settings[setting] } }

  /// Its reply to bytes, after all their commands are complete.
  public func receive(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap(receive) }

  /// For `LinkConformance`, the device at one address.
  public func peer(_ address: String, hangUp: @escaping () -> Void) -> LinkPeer {
    let device = devices[address]
    return LinkPeer(
      say: { device?.say($0) }, hear: { device?.hear($0) ?? [] }, hangUp: hangUp,
      dropsUnread: true)
  }

  // MARK: Lines

  private func receive(_ byte: UInt8) -> [UInt8] {
    let line = state.withLock { state -> (text: [UInt8], isCommand: Bool)? in
      if state.isEscaped {
        if state.line.isEmpty { state.beganEscaped = true }
        state.line.append(byte)
        state.isEscaped = false
        return nil
      }
      switch byte {
      case 27: state.isEscaped = true
      case 10, 13:
        defer { (state.line, state.beganEscaped) = ([], false) }
        if state.line.isEmpty { return nil }
        return (state.line, !state.beganEscaped && state.line.starts(with: Array("++".utf8)))
      default: state.line.append(byte)
      }
      return nil
    }
    guard let line else { return [] }
    if line.isCommand {
      let words = String(decoding: line.text.dropFirst(2), as: UTF8.self).split(
        separator: " ", maxSplits: 1)
      return obey(words.first.map(String.init) ?? "", words.dropFirst().first.map(String.init))
    }
    let ends: [String: [UInt8]] = ["0": [13, 10], "1": [13], "2": [10]]
    if let device {
      device.take(line.text + (ends[self["eos"] ?? ""] ?? []))
    } else {
      complain("data for nobody: \(String(decoding: line.text, as: UTF8.self))")
    }
    return self["auto"] == "1" ? obey("read", "eoi") : []
  }

  private var device: SimulatedGPIBDevice? { devices[self["addr"] ?? ""] }

  private func complain(_ text: String) { state.withLock { $0.complaints.append(text) } }

  // MARK: Commands

  private func obey(_ command: String, _ argument: String?) -> [UInt8] {
    switch command {
    case "ver": return Array("\(kind.version)\r\n".utf8)
    case "read": return read(untilEnd: argument == "eoi")
    case "clr": device?.clear()
    case "trg": device?.facts.triggers += 1
    case "loc": device?.facts.isRemote = false
    case "spoll": return device.map { Array("\($0.facts.statusByte)\r\n".utf8) } ?? []
    case "savecfg" where kind == .ar488: state.withLock { $0.memoryWrites += 1 }
    default: return set(command, argument)
    }
    return []
  }

  private func set(_ name: String, _ value: String?) -> [UInt8] {
    guard let current = self[name] else {
      complain(name)
      return Array("Unrecognized command\r\n".utf8)
    }
    guard let value else { return Array("\(current)\r\n".utf8) }
    state.withLock {
      $0.settings[name] = value
      if kind == .prologix, $0.settings["savecfg"] == "1", name != "read_tmo_ms" {
        $0.memoryWrites += 1
      }
    }
    return []
  }

  private func read(untilEnd: Bool) -> [UInt8] {
    guard let device else { return [] }
    let (bytes, isEnd) = device.talk(Int(self["read_tmo_ms"] ?? "") ?? 1000)
    guard isEnd, untilEnd, self["eot_enable"] == "1" else { return bytes }
    return bytes + [UInt8(self["eot_char"] ?? "") ?? 0]
  }
}
