extension SCPIInstrument {
  /// IEEE 488.2, chapter 10.
  func common(_ unit: MessageUnit) throws(SCPIFault) -> String? {
    let name = unit.header.uppercased() + (unit.isQuery ? "?" : "")
    func register() throws(SCPIFault) -> UInt8 {
      guard case .plain(let text)? = unit.arguments.first else { throw .missingParameter }
      guard let number = Double(text), (0...255).contains(number) else { throw .outOfRange }
      return UInt8(number)
    }
    switch name {
    case "*IDN?": return identity(serial: serial)
    case "*RST": resetSettings()
    case "*CLS":
      noteMeasurements()
      status.clear()
    case "*ESR?": return "\(status.takeEvents())"
    case "*ESE": status.eventEnable = try register()
    case "*ESE?": return "\(status.eventEnable)"
    case "*SRE": status.requestEnable = try register()
    case "*SRE?": return "\(status.requestEnable)"
    case "*STB?":
      noteMeasurements()
      return "\(status.statusByte)"
    case "*OPC": status.complete()
    case "*OPC?": return "1"
    case "*WAI": break
    case "*TST?": return "0"
    case "*OPT?": return "0"
    case "*TRG":
      for channel in channels where channel.settings.word("trigger.source") == "bus" {
        try act("trigger", on: channel)
      }
    default:
      // Device-specific commands.
      guard let node = index.child(unit.header[...])?.index.value else { throw .undefinedHeader }
      return try perform(node, unit, on: channels[0])
    }
    return nil
  }
}
