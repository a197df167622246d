import SaltireCore
import SaltireLinks

// The ports of an instrument in its definition file.

extension SerialSettings {
  init(_ reader: Reader) {
    self.init()
    baud = reader.count("baud", default: baud, in: 50...4_000_000).value
    switch reader.choice("flow", default: Flow.none).value {
    case .none: flow = .none
    case .xonXoff: flow = .xonXoff
    case .rtsCts: flow = .rtsCts
    }
    if reader.has("clear") { clearByte = UInt8(reader.count("clear", in: 1...31).value) }
  }

  private enum Flow: String, CaseIterable, Sendable {
    case none
    case xonXoff = "xon_xoff"
    case rtsCts = "rts_cts"
  }
}

extension Reader {
  /// USB ids, as in `[05E6:2602]`.
  func identifiers(_ key: String) -> [USBIdentifier] {
    texts(key, default: []).value.compactMap { text in
      if let identifier = USBIdentifier(text.value) { return identifier }
      report(
        Diagnostic(
          "'\(text.value)' is not a USB device id", at: text.location,
          hints: ["vendor and product, four hexadecimal digits each, such as 05E6:2602"]))
      return nil
    }
  }
}
