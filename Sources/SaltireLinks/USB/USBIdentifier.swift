/// What kind of device is on a USB, as its descriptor says it.
public struct USBIdentifier: Sendable, Hashable, CustomStringConvertible {
  public var vendor: UInt16
  public var product: UInt16

  public init(vendor: UInt16, product: UInt16) {
    self.vendor = vendor
    self.product = product
  }

  /// Reads `05E6:2636`; nil for what is none.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isHexDigit) }),
      let vendor = UInt16(parts[0], radix: 16), let product = UInt16(parts[1], radix: 16)
    else { return nil }
    self.init(vendor: vendor, product: product)
  }

  /// As in `05E6:2636`.
  public var description: String { Self.digits(vendor) + ":" + Self.digits(product) }

  /// Four hexadecimal digits.
  static func digits(_ number: UInt16) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension USBIdentifier {
  /// The resource string that finds an interface of such a device; that of the
  /// first one is left out, as in other people's strings.
  func resource(serial: String?, interface: UInt8?) -> Resource {
    .usb(
      vendor: vendor, product: product, serial: serial, interface: interface == 0 ? nil : interface)
  }
}

/// Where a USBTMC device departs from the standard, so that a link must too.
public enum USBTMCQuirk: String, Sendable, CaseIterable {
  /// Breaks when it is told to go to remote, though it says that it can.
  case noRemote = "no_remote"
  /// Hangs when it is asked to clear.
  case noClear = "no_clear"
  /// May be reset over USB when nothing else helps, and comes back.
  case reset
  /// Sends zero bytes behind the end of its messages.
  case trailingZeros = "trailing_zeros"
  /// Answers with whatever tag.
  case anyTag = "any_tag"
}
