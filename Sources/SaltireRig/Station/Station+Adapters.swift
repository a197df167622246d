public import SaltireCore
public import SaltireLinks

extension Station {
  /// A GPIB adapter with the Prologix command set, shared by all instruments of one board.
  public struct Adapter: Sendable {
    /// Its serial port or network socket.
    public let resource: Resource
    /// The baud rate of its serial port.
    public let baud: Int
    /// The place of its resource name in the bench file.
    let location: SourceLocation?

    /// Nil if an adapter cannot have this resource name.
    public init?(_ resource: Resource, baud: Int = usualBaud, location: SourceLocation? = nil) {
      switch resource {
      case .serial, .socket: break
      case .usb, .gpib, .simulated: return nil
      }
      self.resource = resource
      self.baud = baud
      self.location = location
    }

    /// The baud rate of most adapters; a USB port has none in effect.
    public static let usualBaud = 115_200

    /// The shared connection, opened with the first instrument.
    package var shared: PrologixAdapter {
      PrologixAdapter(name: resource.description) { () throws(LinkError) in
        guard case .serial(let port) = resource else { return try Station.open(resource, nil) }
        var settings = SerialSettings()
        settings.baud = baud
        return try SerialLink.open(port: port, settings: settings)
      }
    }

    /// The possible resource names of adapters.
    public static let hint =
      "its serial port or socket, such as ASRL/dev/ttyUSB0::INSTR or"
      + " TCPIP0::192.168.1.9::1234::SOCKET"

    /// The adapters that are supported.
    public static let support =
      "adapters with the Prologix command set (Prologix, AR488) are supported; boards and USB-GPIB"
      + " adapters of NI and Keysight are not"
  }

  /// Reads the section `adapters`, after the instruments.
  mutating func readAdapters(_ reader: Reader) {
    let section = reader.section(Keys.adapters)
    for name in section.keys {
      let entry = section.section(Keys.adapter.named(name))
      let text = entry[Keys.port]
      let baud = entry[Keys.baud]
      guard name.hasPrefix("GPIB"), let board = UInt8(name.dropFirst(4)) else {
        section.report(
          Diagnostic(
            "'\(name)' is not a GPIB board", at: entry.location,
            hints: [
              "name adapters by the board in their instruments' resource names: GPIB0, GPIB1, …"
            ]))
        continue
      }
      guard let resource = entry.resource(text) else { continue }
      guard let adapter = Adapter(resource, baud: baud.value, location: text.location) else {
        section.report(
          Diagnostic(
            "\(resource) is not an address of a GPIB adapter", at: text.location,
            hints: [Adapter.hint]))
        continue
      }
      let others =
        instruments.map { ($0.name, $0.resource) }
        + adapters.map { ("GPIB\($0.key)", $0.value.resource) }
      if let other = others.first(where: { $0.1 == resource }) {
        section.report(
          Diagnostic("\(name) has the address of \(other.0)", at: text.location))
      }
      adapters[board] = adapter
    }
    for entry in instruments {
      guard case .gpib(let board, _) = entry.resource,
        !section.has(Keys.adapter.named("GPIB\(board)"))
      else {
        continue
      }
      section.conclude(
        Diagnostic(
          "\(entry.name) needs an adapter GPIB\(board), which this bench does not have",
          at: entry.location,
          hints: [
            "adapters: { GPIB\(board): { resource: \"ASRL/dev/ttyUSB0::INSTR\" } }",
            Adapter.support,
          ]))
    }
  }
}
