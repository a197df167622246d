import SaltireCore
import SaltireLinks

// The ports of an instrument in its definition file.

extension SerialSettings {
  enum Keys {
    static let serial = SectionKey(
      "serial", absent: "as its keys", "How its serial port is set.",
      [baud, dataBits, parity, stopBits, flow, clear])
    static let baud = Key.count(
      "baud", in: 50...4_000_000, default: SerialSettings().baud, "Speed.")
    static let dataBits = Key.count(
      "data_bits", in: 5...8, default: SerialSettings().dataBits, "Data bits of a byte.")
    static let parity = Key.choice("parity", default: SerialSettings().parity, "Parity.")
    static let stopBits = Key.count(
      "stop_bits", in: 1...2, default: SerialSettings().stopBits, "Stop bits of a byte.")
    static let flow = Key.choice("flow", default: SerialSettings().flow, "Flow control.")
    static let clear = Key.count(
      "clear", in: 1...31, absent: "none", "Byte that clears the instrument.")
  }

  init(_ reader: Reader) {
    self.init()
    baud = reader[Keys.baud].value
    dataBits = reader[Keys.dataBits].value
    parity = reader[Keys.parity].value
    stopBits = reader[Keys.stopBits].value
    flow = reader[Keys.flow].value
    if let clear = reader.optional(Keys.clear)?.value { clearByte = UInt8(clear) }
  }
}

enum USBKeys {
  static let usb = SectionKey("usb", absent: "none", "Its USB port.", [ids, quirks])
  static let ids = Key.texts(
    "ids", form: "list as `05E6:2602`", absent: "none", "USB vendor and product.")
  static let quirks = Key<[USBTMCQuirk]>.choices(
    "quirks", absent: "none",
    "What a unit is known to do wrong; `reset`: it may be reset over USB.")
}

extension Reader {
  /// USB ids, as in `[05E6:2602]`.
  func usbIdentifiers() -> [USBIdentifier] {
    self[USBKeys.ids].value.compactMap { text in
      if let identifier = USBIdentifier(text.value) { return identifier }
      report(
        Diagnostic(
          "'\(text.value)' is not a USB device id", at: text.location,
          hints: ["vendor and product, four hexadecimal digits each, such as 05E6:2602"]))
      return nil
    }
  }
}
