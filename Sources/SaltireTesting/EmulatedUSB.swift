import Foundation
public import SaltireLinks
import Synchronization

/// An emulated USBTMC device, created by the emulator that runs the test: `umockdev-wrapper
/// usb-emulator -- …`.
///
/// It is disconnected when it is released.
public final class EmulatedUSB: Sendable {
  /// The resource name for a link.
  public let resource: Resource
  public let serial: String
  private let connection: Mutex<Connection>
  private static let number = Atomic(0)

  /// An error between a test and the emulator.
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  /// Connects a device.
  ///
  /// - Parameters:
  ///   - keys: its properties, such as `["backend": "peer", "packet": "64"]`; the emulator's help
  ///     lists them.
  ///   - faults: the faults to inject, such as `"stall-in@2+late=50"`.
  /// - Throws: ``Failure``, also if no emulator is running.
  public init(_ keys: [String: String] = [:], faults: String? = nil) throws {
    let serial = "T\(Self.number.add(1, ordering: .relaxed).newValue)"
    self.serial = serial
    var keys = keys
    keys["serial"] = serial
    if let faults { keys["faults"] = faults }
    let connection = try Connection()
    let text = keys.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    _ = try connection.ask("plug \(text.joined(separator: ","))")
    self.connection = Mutex(connection)
    resource = .usb(
      vendor: keys["vid"].flatMap { UInt16($0, radix: 16) } ?? 0x1209,
      product: keys["pid"].flatMap { UInt16($0, radix: 16) } ?? 0x7E57, serial: serial,
      interface: nil)
  }

  /// A link to it.
  ///
  /// - Throws: `LinkError`.
  public func open(quirks: Set<USBTMCQuirk> = []) throws(LinkError) -> USBTMCLink {
    try USBTMCLink(resource, quirks: quirks)
  }

  /// Sends a line of the emulator's control protocol.
  ///
  /// - Returns: the reply after `ok`.
  /// - Throws: ``Failure``.
  @discardableResult
  public func control(_ line: String) throws -> String {
    try connection.withLock { try $0.ask(line) }
  }

  /// Its counters so far, by name.
  ///
  /// - Throws: ``Failure``.
  public func statistics() throws -> [String: Int] {
    let pairs = try control("stats").split(separator: " ").compactMap { pair in
      let parts = pair.split(separator: "=")
      return parts.count == 2 ? Int(parts[1]).map { (String(parts[0]), $0) } : nil
    }
    return Dictionary(pairs) { $1 }
  }

  /// The device side, for ``LinkConformance``; for a device with the backend `peer`. Bytes without
  /// a line end are part of a message that continues.
  public var peer: LinkPeer {
    LinkPeer(
      say: { bytes in
        let verb = bytes.last == 10 ? "say" : "say-on"
        try self.control("\(verb) \(Self.hexadecimal(bytes))")
      },
      hear: { count in try Self.bytes(self.control("hear \(count)")) },
      hangUp: { _ = try? self.control("unplug") }, dropsUnread: true)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(_ digits: String) throws -> [UInt8] {
    let digits = Array(digits.utf8)
    return try stride(from: 0, to: digits.count - 1, by: 2).map { index in
      let pair = String(decoding: digits[index..<(index + 2)], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else {
        throw Failure(description: "the emulator says \(pair) where bytes are due")
      }
      return byte
    }
  }
}

/// The control connection of one device, with one reply line to each line.
private final class Connection {
  private let descriptor: Int32

  init() throws {
    guard let path = ProcessInfo.processInfo.environment["SALTIRE_USB_EMULATOR"] else {
      throw EmulatedUSB.Failure(
        description: "no emulator runs: these tests are run by 'make test', in usb-emulator")
    }
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard status == 0 else {
      close(descriptor)
      throw EmulatedUSB.Failure(description: "the emulator at \(path) does not answer")
    }
  }

  deinit { close(descriptor) }

  func ask(_ line: String) throws -> String {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw EmulatedUSB.Failure(description: "the emulator is gone") }
      rest = rest.dropFirst(count)
    }
    var reply: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while reply.last != 10 {
      let count = read(descriptor, &piece, piece.count)
      guard count > 0 else { throw EmulatedUSB.Failure(description: "the emulator is gone") }
      reply += piece.prefix(count)
    }
    let text = String(decoding: reply.dropLast(), as: UTF8.self)
    if text == "ok" { return "" }
    guard text.hasPrefix("ok ") else {
      throw EmulatedUSB.Failure(description: "the emulator: \(text) (to '\(line)')")
    }
    return String(text.dropFirst(3))
  }
}
