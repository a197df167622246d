public import SaltireCore
public import SaltireLinks

extension Station {
  /// A GPIB adapter that speaks as a Prologix does, for all instruments of one
  /// board.
  public struct Adapter: Sendable {
    /// Its serial port, or its socket where it is on the network.
    public let resource: Resource
    /// Of its serial port.
    public let baud: Int
    /// Where its resource stands in the bench file.
    let location: SourceLocation?

    /// Nil for a resource that no adapter has.
    public init?(_ resource: Resource, baud: Int = 115_200, location: SourceLocation? = nil) {
      switch resource {
      case .serial, .socket: break
      case .usb, .gpib, .simulated: return nil
      }
      self.resource = resource
      self.baud = baud
      self.location = location
    }

    /// What its instruments share; opened when the first of them is.
    package var shared: PrologixAdapter {
      PrologixAdapter(name: resource.description) { () throws(LinkError) in
        guard case .serial(let port) = resource else { return try Station.open(resource, nil) }
        var settings = SerialSettings()
        settings.baud = baud
        return try SerialLink.open(port: port, settings: settings)
      }
    }

    /// What resources adapters have.
    public static let hint =
      "its serial port or socket, as in ASRL/dev/ttyUSB0::INSTR or TCPIP0::192.168.1.9::1234::SOCKET"
  }

  /// Reads the section `adapters`, once the instruments are known.
  mutating func readAdapters(_ reader: Reader) {
    let section = reader.section(Keys.adapters)
    for name in section.keys {
      let entry = section.section(Keys.adapter.named(name))
      let text = entry[Keys.port]
      let baud = entry[Keys.baud]
      guard name.hasPrefix("GPIB"), let board = UInt8(name.dropFirst(4)) else {
        section.report(
          Diagnostic(
            "'\(name)' is no board", at: entry.location,
            hints: ["adapters are named as their instruments call them: GPIB0, GPIB1, …"]))
        continue
      }
      guard let resource = entry.resource(text) else { continue }
      guard let adapter = Adapter(resource, baud: baud.value, location: text.location) else {
        section.report(
          Diagnostic(
            "\(resource) is no address of a GPIB adapter", at: text.location,
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
          "there is no adapter GPIB\(board), which \(entry.name) is behind", at: entry.location,
          hints: ["adapters: { GPIB\(board): { resource: \"ASRL/dev/ttyUSB0::INSTR\" } }"]))
    }
  }
}
