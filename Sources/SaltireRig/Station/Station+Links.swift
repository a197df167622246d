package import SaltireInstruments
package import SaltireLinks

extension Station {
  /// Timeout of a connection attempt, in seconds.
  private static let patience = 5.0

  /// A link to a real instrument, or to one that another process simulates.
  ///
  /// - Parameters:
  ///   - line: what is set at the unit, where `definition` does not say it.
  ///   - isShared: whether to open a serial port that another program uses.
  package static func open(
    _ resource: Resource, _ definition: Definition?, _ adapters: [UInt8: PrologixAdapter] = [:],
    line: LineSettings = LineSettings(), isShared: Bool = false
  ) throws(LinkError) -> any Link {
    switch resource {
    case .gpib(let board, let address):
      guard let adapter = adapters[board] else {
        throw .unreachable(
          address: resource.description, reason: "there is no adapter GPIB\(board)")
      }
      return try adapter.link(to: address)
    case .socket(let host, let port):
      return try StreamLink.connect(host: host, port: port, deadline: .after(patience))
    case .serial(let port):
      var settings = (definition?.serial ?? SerialSettings()).with(line)
      if isShared { settings.isExclusive = false }
      return try SerialLink.open(port: port, settings: settings)
    case .usb:
      return try USBTMCLink(resource, quirks: definition?.quirks ?? [])
    case .simulated:
      throw .unreachable(
        address: resource.description, reason: "simulated instruments are not available here")
    }
  }
}
