import SaltireInstruments

/// A fault to inject into a simulated instrument, for demonstrations and tests.
public struct LabFault: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Performs commands, but never replies again.
    case silent
    /// Neither performs commands nor replies.
    case hung
    /// Replies to one message with meaningless bytes.
    case garbage
    /// Sends an unsolicited line.
    case unsolicited
    /// Adds an entry to its error queue.
    case error
    /// Closes the connection; works again after reconnecting.
    case disconnect
    /// Reports another identity from then on.
    case identity
    /// Loses power for a moment, and thus its settings and the connection.
    case reboot
    /// As `reboot`, and another instrument has its address from then on.
    case replaced
    /// Switches its outputs off, as the key on a front panel or a protection circuit does.
    case off
    /// Moves the current limits of a source meter, as another program may.
    case limit
  }

  public var instrument: String
  public var kind: Kind
  /// The number of messages before the fault.
  public var after: Int

  public init(instrument: String, kind: Kind, after: Int) {
    self.instrument = instrument
    self.kind = kind
    self.after = after
  }

  /// Parses `INSTRUMENT:KIND` or `INSTRUMENT:KIND@MESSAGES`; nil for other text.
  public init?(parsing text: String) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let words = parts[1].split(separator: "@", maxSplits: 1)
    guard let word = words.first, let kind = Kind(rawValue: String(word)) else { return nil }
    var after = 0
    if words.count == 2 {
      guard let count = Int(words[1]), count >= 0 else { return nil }
      after = count
    }
    self.init(instrument: String(parts[0]), kind: kind, after: after)
  }
}

/// The pending faults of one instrument.
struct FaultQueue {
  private var faults: [LabFault]
  private var messages = 0
  private var isSilent = false
  private var isHung = false
  private var isReplaced = false
  private var isDisguised = false

  init(_ faults: [LabFault]) { self.faults = faults.sorted { $0.after < $1.after } }

  /// The reply of an instrument with its faults; nil if it closes the connection.
  mutating func receive(
    _ bytes: [UInt8], from client: InstrumentClient, by instrument: any SimulatedInstrument
  ) -> [UInt8]? {
    defer { messages += 1 }
    var answer: [UInt8]?
    while let fault = faults.first, fault.after <= messages {
      faults.removeFirst()
      switch fault.kind {
      case .silent: isSilent = true
      case .hung: isHung = true
      case .garbage:
        _ = instrument.receive(bytes, from: client)
        answer = Array("\u{1}%&/\u{7F}?#".utf8) + [instrument.definition.terminator]
      case .unsolicited:
        answer = Array("SELF TEST PASSED".utf8) + [instrument.definition.terminator]
        answer! += instrument.receive(bytes, from: client)
      case .error:
        _ = instrument.receive(
          Array("NOSUCH:COMMAND 1\n".utf8), from: InstrumentClient())
      case .disconnect: return nil
      case .identity: isDisguised = true
      case .off: instrument.obey(instrument.definition.verbs["off"] ?? [])
      case .limit:
        let limits = instrument.definition.arm.compactMap(\.set).filter {
          $0.text.contains("{current}")
        }
        instrument.obey(limits, ["current": "1e-3"])
      case .reboot, .replaced:
        instrument.resetSettings()
        isReplaced = fault.kind == .replaced
        return nil
      }
    }
    if isReplaced { return Self.asks(bytes) ? Self.stranger(instrument) : [] }
    if isHung { return [] }
    if isDisguised, Self.asks(bytes) {
      _ = instrument.receive(bytes, from: client)
      return Self.stranger(instrument)
    }
    let reply = answer ?? instrument.receive(bytes, from: client)
    return isSilent ? [] : reply
  }

  /// Whether the bytes contain `*IDN?` (IEEE 488.2, 10.14).
  private static func asks(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).uppercased().contains("*IDN?")
  }

  private static func stranger(_ instrument: any SimulatedInstrument) -> [UInt8] {
    Array("ACME Instruments,Toaster 9000,0,1.0".utf8) + [instrument.definition.terminator]
  }
}

extension SimulatedInstrument {
  /// Performs commands for every channel, from somebody who is not connected.
  fileprivate func obey(_ commands: [Template], _ values: [String: String] = [:]) {
    for channel in model.channels {
      let lines = commands.map { $0.filled(values.merging(["ch": channel]) { $1 }) }
      for line in lines {
        _ = receive(Array(line.utf8) + [definition.terminator], from: InstrumentClient())
      }
    }
  }
}
