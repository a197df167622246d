package import SaltireCore
public import SaltireLinks

/// What is set at one unit for its line, where that differs from its family.
public struct LineSettings: Sendable, Equatable {
  public var baud: Int?
  public var dataBits: Int?
  public var parity: SerialSettings.Parity?
  public var stopBits: Int?
  public var flow: SerialSettings.FlowControl?
  public var terminator: LineEnd?

  public init() {}

  /// The keys of a unit; the same as those of its family.
  package static let keys: [any DeclaredKey] = [
    Keys.baud, Keys.dataBits, Keys.parity, Keys.stopBits, Keys.flow, Keys.terminator,
  ]

  private enum Keys {
    static let baud = SerialSettings.Keys.baud.absent(family)
    static let dataBits = SerialSettings.Keys.dataBits.absent(family)
    static let parity = SerialSettings.Keys.parity.absent(family)
    static let stopBits = SerialSettings.Keys.stopBits.absent(family)
    static let flow = SerialSettings.Keys.flow.absent(family)
    static let terminator = Definition.Keys.terminator.absent(family)
    private static let family = "that of the family"
  }

  package init(_ reader: Reader) {
    baud = reader.optional(Keys.baud)?.value
    dataBits = reader.optional(Keys.dataBits)?.value
    parity = reader.optional(Keys.parity)?.value
    stopBits = reader.optional(Keys.stopBits)?.value
    flow = reader.optional(Keys.flow)?.value
    terminator = reader.optional(Keys.terminator)?.value
  }

  /// Why an instrument at this address cannot have them; nil if it can.
  public func fault(at resource: Resource) -> String? {
    var serial = self
    serial.terminator = nil
    switch resource {
    case .serial: return nil
    case .socket where serial == LineSettings(): return nil
    case _ where self == LineSettings(): return nil
    case _ where serial == LineSettings():
      return "\(resource) has no terminator to set: messages on GPIB and USB end with LF"
    default:
      return "\(resource) has no baud rate, data bits, parity, stop bits or flow control"
    }
  }
}

extension SerialSettings {
  /// These settings with those of a unit.
  public func with(_ line: LineSettings) -> SerialSettings {
    var settings = self
    settings.baud = line.baud ?? baud
    settings.dataBits = line.dataBits ?? dataBits
    settings.parity = line.parity ?? parity
    settings.stopBits = line.stopBits ?? stopBits
    settings.flow = line.flow ?? flow
    return settings
  }
}

extension Definition {
  /// The definition of one unit of the family.
  public func with(_ line: LineSettings) -> Definition {
    var unit = self
    unit.serial = serial.with(line)
    unit.terminator = line.terminator?.byte ?? terminator
    return unit
  }
}

/// How lines end.
public enum LineEnd: String, CaseIterable, Sendable {
  case lf = "LF"
  case cr = "CR"

  public var byte: UInt8 { self == .lf ? 10 : 13 }
}
