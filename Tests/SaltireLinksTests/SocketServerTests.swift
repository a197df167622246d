import Foundation
import SaltireTesting
import Synchronization
import Testing

@testable import SaltireLinks

/// One thread serves all clients: none of them keeps it from the others.
@Suite struct SocketServerTests {
  private static func connect(_ server: ServedSocket) throws -> StreamLink {
    try StreamLink.connect(host: "127.0.0.1", port: server.port, deadline: .after(60))
  }

  /// The answers of one that reads none are more than any buffer holds.
  @Test func aClientThatDoesNotReadKeepsNoOtherWaiting() throws {
    let server = try ServedSocket { line in
      line == Array("much\n".utf8) ? [UInt8](repeating: 120, count: 4 << 20) : line
    }
    let deaf = try Self.connect(server)
    for _ in 0..<20 { try deaf.send(Array("much\n".utf8), deadline: .after(60)) }
    let other = try Self.connect(server)
    try other.send(Array("hello\n".utf8), deadline: .after(60))
    #expect(try other.receive(until: .byte(10), deadline: .after(60)) == Array("hello\n".utf8))
  }

  /// An answer beyond any bound ends the connection, and nothing else.
  @Test func anAnswerBeyondTheBoundEndsTheConnection() throws {
    let server = try ServedSocket { line in
      line == Array("much\n".utf8) ? [UInt8](repeating: 120, count: 80 << 20) : line
    }
    let greedy = try Self.connect(server)
    try greedy.send(Array("much\n".utf8), deadline: .after(60))
    #expect(throws: LinkError.disconnected) {
      try greedy.receive(until: .byte(10), deadline: .after(60))
    }
    let other = try Self.connect(server)
    try other.send(Array("hello\n".utf8), deadline: .after(60))
    #expect(try other.receive(until: .byte(10), deadline: .after(60)) == Array("hello\n".utf8))
  }

  /// Lines that come at once are answered one by one: another client has its turn
  /// between them.
  @Test func manyLinesAreAnsweredInTurns() throws {
    let answered = Mutex(0)
    let isAsked = DispatchSemaphore(value: 0)
    let server = try ServedSocket { line in
      if line == Array("how many?\n".utf8) {
        return Array("\(answered.withLock { $0 })\n".utf8)
      }
      if answered.withLock({ $0 == 0 }) { isAsked.wait() }
      // Longer than a turn.
      Thread.sleep(forTimeInterval: 0.02)
      answered.withLock { $0 += 1 }
      return line
    }
    let busy = try Self.connect(server)
    let other = try Self.connect(server)
    let lines = 100
    try busy.send(Array(String(repeating: "slow\n", count: lines).utf8), deadline: .after(60))
    try other.send(Array("how many?\n".utf8), deadline: .after(60))
    isAsked.signal()
    let answer = try other.receive(until: .byte(10), deadline: .after(60)).dropLast()
    #expect(try #require(Int(String(decoding: answer, as: UTF8.self))) < lines)
    for _ in 0..<lines {
      #expect(try busy.receive(until: .byte(10), deadline: .after(60)) == Array("slow\n".utf8))
    }
  }

  /// Whoever sends no more still reads what it asked for.
  @Test func answersReachAClientThatHasDoneSending() throws {
    let server = try ServedSocket { line in
      line == Array("much\n".utf8) ? [UInt8](repeating: 120, count: 4 << 20) : line
    }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    try #require(send(descriptor, "much\n", 5, 0) == 5)
    shutdown(descriptor, Int32(SHUT_WR))
    var received = 0
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { break }
      received += count
    }
    #expect(received == 4 << 20)
  }
}
