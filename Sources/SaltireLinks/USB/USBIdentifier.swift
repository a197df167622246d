/// The vendor and product id of a USB device.
public struct USBIdentifier: Sendable, Hashable, CustomStringConvertible {
  public var vendor: UInt16
  public var product: UInt16

  public init(vendor: UInt16, product: UInt16) {
    self.vendor = vendor
    self.product = product
  }

  /// Parses `05E6:2636`; nil if the text is not an id.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isHexDigit) }),
      let vendor = UInt16(parts[0], radix: 16), let product = UInt16(parts[1], radix: 16)
    else { return nil }
    self.init(vendor: vendor, product: product)
  }

  /// Such as `05E6:2636`.
  public var description: String { Self.digits(vendor) + ":" + Self.digits(product) }

  /// Four hexadecimal digits.
  static func digits(_ number: UInt16) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension USBIdentifier {
  /// The resource name of an interface of such a device; the number of the first interface is
  /// omitted, as usual.
  func resource(serial: String?, interface: UInt8?) -> Resource {
    .usb(
      vendor: vendor, product: product, serial: serial, interface: interface == 0 ? nil : interface)
  }
}

/// A deviation of a USBTMC device from the standard.
public enum USBTMCQuirk: String, Sendable, CaseIterable {
  /// Fails on the request to enter remote mode, although it claims to support it.
  case noRemote = "no_remote"
  /// Hangs on the request to clear.
  case noClear = "no_clear"
  /// May be reset over USB if nothing else helps, and reappears.
  case reset
  /// Sends zero bytes after the end of its messages.
  case trailingZeros = "trailing_zeros"
  /// Replies with arbitrary tags.
  case anyTag = "any_tag"
}
