import Foundation
import SaltireLinks
import SaltireTesting
import Testing

@Suite struct StreamLinkTests {
  @Test func aPairConforms() throws {
    try LinkConformance {
      let (host, device) = try StreamLink.pair()
      return (host, Self.peer(device))
    }.run()
  }

  @Test func aTCPConnectionConforms() throws {
    let server = try Server()
    try LinkConformance {
      let link = try StreamLink.connect(
        host: "127.0.0.1", port: server.port, deadline: .after(10))
      return (link, try server.accept())
    }.run()
  }

  /// Also without IPv6 on this computer: its address is a number, which needs no look-up.
  @Test(arguments: ["127.0.0.1", "[::1]", "[fe80::1%lo]"])
  func aClosedPortIsUnreachable(host: String) throws {
    let port = try Server().port
    guard case .socket(let number, port) = try Resource(parsing: "TCPIP::\(host)::\(port)::SOCKET")
    else { throw POSIXError(.EINVAL) }
    let error = #expect(throws: LinkError.self) {
      try StreamLink.connect(host: number, port: port, deadline: .after(10))
    }
    guard case .unreachable(let address, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(address == "\(host):\(port)")
    #expect(reason != String(cString: gai_strerror(EAI_NONAME)))
  }

  private static func peer(_ device: StreamLink) -> LinkPeer {
    LinkPeer(
      say: { try device.send($0, deadline: .after(10)) },
      hear: { try device.receive(until: .count($0), deadline: .after(10)) },
      hangUp: { device.close() })
  }
}

/// A listening socket on loopback that gives its connections to the test.
private final class Server {
  let port: UInt16
  private let listener: Int32

  init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
    }
    guard bound == 0, listen(listener, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
    var length = size
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(listener, $0, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(listener) }

  func accept() throws -> LinkPeer {
    let descriptor = Foundation.accept(listener, nil, nil)
    guard descriptor >= 0 else { throw POSIXError(.ECONNABORTED) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return LinkPeer(
      say: { try handle.write(contentsOf: Data($0)) },
      hear: { count in
        var bytes: [UInt8] = []
        while bytes.count < count, let data = try handle.read(upToCount: count - bytes.count) {
          bytes += data
        }
        return bytes
      },
      hangUp: { try? handle.close() })
  }
}
