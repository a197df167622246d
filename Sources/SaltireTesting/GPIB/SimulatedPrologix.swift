import Synchronization

/// A GPIB adapter that is spoken to as a Prologix GPIB-USB is, with devices on
/// its bus: behind a ``PseudoTerminal`` or a `SocketServer`.
///
/// It waits as an adapter does: while a silent device is made to talk, nothing
/// else happens on the bus.
public final class SimulatedPrologix: Sendable {
  /// What differs between those that speak alike.
  public enum Kind: Sendable, CaseIterable {
    case prologix
    /// Keeps its settings only when told to, by the command that tells a
    /// Prologix not to.
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
    /// Whether the line began with an escape: then it is data.
    var beganEscaped = false
    /// As a Prologix has them when it leaves the factory.
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
  ///   - kind: what it is.
  ///   - devices: by their addresses, as in `9` and `9 96`.
  public init(_ kind: Kind, _ devices: [String: SimulatedGPIBDevice]) {
    self.kind = kind
    self.devices = devices
  }

  /// How often it wrote into its memory, which wears out.
  public var memoryWrites: Int { state.withLock { $0.memoryWrites } }

  /// What it was told that it does not know, and messages for addresses where
  /// nothing is.
  public var complaints: [String] { state.withLock { $0.complaints } }

  /// What it is set to, under the names of its commands.
  public subscript(setting: String) -> String? { state.withLock { $0.settings[setting] } }

  /// What it says to bytes, once all that they ask for is done.
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
