import Foundation
public import SaltireLinks
import SaltireRecords
public import SaltireRig

/// The canonical address of an instrument: links to device files are resolved and host names looked
/// up, so all spellings give the same address.
public struct CanonicalAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The address for display.
  public let description: String

  private init(_ description: String) { self.description = description }

  /// The addresses of a resource name: several if a host has several; none for an instrument that
  /// this process simulates.
  ///
  /// - Parameters:
  ///   - resource: the resource name of the instrument.
  ///   - adapter: the resource name of the adapter of its GPIB board.
  ///   - system: the computer that it is connected to.
  public static func all(
    of resource: Resource, behind adapter: Resource? = nil, on system: HostSystem = HostSystem()
  ) -> [CanonicalAddress] {
    switch resource {
    case .simulated: return []
    case .serial(let port):
      return [.init(URL(fileURLWithPath: port).resolvingSymlinksInPath().path)]
    case .socket(let host, let port):
      return numbers(of: host).map { .init("\($0) port \(port)") }
    case .usb(let vendor, let product, let serial, _):
      // The only device of its kind may be addressed without a serial number.
      let kind = USBIdentifier(vendor: vendor, product: product)
      let serial = serial ?? system.ports.first { $0.usb == kind }?.serial
      return [.init("USB device \(kind)" + (serial.map { " serial \($0)" } ?? ""))]
    case .gpib(let board, let address):
      let place = "GPIB \(address.primary)" + (address.secondary.map { ".\($0)" } ?? "")
      let adapters = adapter.map { all(of: $0, on: system).map(\.description) } ?? []
      return (adapters.isEmpty ? ["board \(board)"] : adapters).map {
        .init("\(place) behind \($0)")
      }
    }
  }

  /// The numeric addresses of a host; its name if there are none.
  private static func numbers(of host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &found) == 0 else { return [host.lowercased()] }
    defer { freeaddrinfo(found) }
    var numbers: Set<String> = []
    var next = found
    while let info = next?.pointee {
      next = info.ai_next
      var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard
        getnameinfo(
          info.ai_addr, info.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      let number = String(
        decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      // An IPv4-mapped IPv6 address is the same host.
      numbers.insert(number.hasPrefix("::ffff:") ? String(number.dropFirst(7)) : number)
    }
    return numbers.isEmpty ? [host.lowercased()] : numbers.sorted()
  }

  /// A safe file name for the address.
  var fileName: String {
    let name = description.utf8.map { byte in
      let isPlain =
        byte < 128
        && (Character(UnicodeScalar(byte)).isLetter
          || Character(UnicodeScalar(byte)).isNumber || byte == 46)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16)
    }.joined()
    return name.count <= 200 ? name : Manifest.digest(Array(description.utf8))
  }

  public static func < (first: Self, second: Self) -> Bool {
    first.description < second.description
  }
}

extension Station {
  /// The addresses of all its instruments.
  public var addresses: [CanonicalAddress] {
    let all = instruments.flatMap { entry -> [CanonicalAddress] in
      var adapter: Resource?
      if case .gpib(let board, _) = entry.resource { adapter = adapters[board]?.resource }
      return CanonicalAddress.all(of: entry.resource, behind: adapter)
    }
    return Set(all).sorted()
  }
}
