public import ArgumentParser
public import SaltireInstruments
public import SaltireLinks

/// What is set at an instrument for its line, on the command line.
struct LineOptions: ParsableArguments {
  @Option(help: "The baud rate of the serial port of the instrument or of its adapter.")
  var baud: Int?

  @Option(help: "The data bits of a serial port: 5 to 8.")
  var dataBits: Int?

  @Option(help: "The parity of a serial port.")
  var parity: SerialSettings.Parity?

  @Option(help: "The stop bits of a serial port: 1 or 2.")
  var stopBits: Int?

  @Option(help: "The flow control of a serial port.")
  var flow: SerialSettings.FlowControl?

  @Option(help: "The end of a message on a serial port or socket.")
  var terminator: LineEnd?

  var settings: LineSettings {
    var line = LineSettings()
    (line.baud, line.dataBits, line.parity) = (baud, dataBits, parity)
    (line.stopBits, line.flow, line.terminator) = (stopBits, flow, terminator)
    return line
  }
}

extension SerialSettings.Parity: ExpressibleByArgument {}
extension SerialSettings.FlowControl: ExpressibleByArgument {}
extension LineEnd: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}
