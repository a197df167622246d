import CLinkDirect
import Foundation
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireTesting
import Synchronization

/// Processor time of a query of 20 bytes with a reply of 20 bytes, through a link and through the
/// system calls of a C program. The instrument replies on another thread, which is not counted.
final class LinkSpeeds {
  private static let query = Array("measure 1.234567 mV\n".utf8)
  private static let reply = Array("+1.234567890000E-03\n".utf8)
  private static let queries = 2000

  private var listener: Int32
  private var port: UInt16 = 0
  /// The newest values, in µs per query.
  private var last: [String: Double] = [:]
  /// The thread that plays the instrument.
  private let answering = Answering()
  private let bench = ThreadExecutor(name: "bench")

  private final class Answering: Sendable {
    let thread = Mutex<pthread_t>(pthread_self())
  }

  init() throws {
    listener = direct_listen(&port)
    guard listener >= 0 else { throw POSIXError(.EADDRINUSE) }
  }

  deinit { close(listener) }

  func serial() throws -> Double {
    direct_pin(1)
    defer { direct_pin(0) }
    let terminal = try answeringTerminal()
    let link = try SerialLink.open(port: terminal.path)
    defer { link.close() }
    return try measured("serial") { try Self.ask(link, $0) }
  }

  func serialDirect() throws -> Double {
    direct_pin(1)
    defer { direct_pin(0) }
    let terminal = try answeringTerminal()
    guard let port = direct_serial_open(terminal.path) else { throw POSIXError(.EIO) }
    defer {
      sp_close(port)
      sp_free_port(port)
    }
    return try measured("serial direct") { count in
      try Self.expect(count, direct_serial_queries(port, Self.query, Int32(count)))
    }
  }

  func tcp() throws -> Double {
    direct_pin(1)
    defer { direct_pin(0) }
    let link = try StreamLink.connect(host: "127.0.0.1", port: port, deadline: .after(10))
    defer { link.close() }
    try answerConnection()
    return try measured("tcp") { try Self.ask(link, $0) }
  }

  func tcpDirect() throws -> Double {
    direct_pin(1)
    defer { direct_pin(0) }
    let descriptor = direct_connect(port)
    guard descriptor >= 0 else { throw POSIXError(.ECONNREFUSED) }
    defer { close(descriptor) }
    try answerConnection()
    return try measured("tcp direct") { count in
      try Self.expect(count, direct_socket_queries(descriptor, Self.query, Int32(count)))
    }
  }

  /// From the newest values.
  var serialRatio: Double { last["serial"]! / last["serial direct"]! }
  var tcpRatio: Double { last["tcp"]! / last["tcp direct"]! }
  var instrumentRatio: Double { last["instrument"]! / last["serial direct"]! }
  var hundredsRatio: Double { last["hundreds"]! / last["serial direct"]! }
  var tcpInstrumentRatio: Double { last["tcp instrument"]! / last["tcp direct"]! }

  // MARK: Instruments

  /// The same queries through an instrument, as a bench asks them, `size` in one call; the time of
  /// all threads except the replying one.
  func instrument(size: Int) async throws -> Double {
    direct_pin(1)
    defer { direct_pin(0) }
    let terminal = try answeringTerminal()
    let path = terminal.path
    let instrument = try await Self.instrument { () throws(LinkError) in
      try SerialLink.open(port: path)
    }
    let value = try await measured(size == 1 ? "instrument" : "hundreds", instrument, size)
    await instrument.disconnect()
    return value
  }

  func tcpInstrument() async throws -> Double {
    direct_pin(1)
    defer { direct_pin(0) }
    let port = port
    let instrument = try await Self.instrument { () throws(LinkError) in
      try StreamLink.connect(host: "127.0.0.1", port: port, deadline: .after(10))
    }
    try answerConnection()
    let value = try await measured("tcp instrument", instrument, 1)
    await instrument.disconnect()
    return value
  }

  private static func instrument(
    _ open: @escaping @Sendable () throws(LinkError) -> any Link
  ) async throws -> Instrument {
    let path = "instruments/keysight/33500b.yaml"
    let definition = try Definition(
      try Document(name: path, text: String(contentsOfFile: path, encoding: .utf8)),
      name: "keysight/33500b")
    let instrument = Instrument(
      name: "bench", definition: definition, model: definition.models[0], open: open)
    try await instrument.openLink()
    return instrument
  }

  private func measured(
    _ name: String, _ instrument: Instrument, _ size: Int
  ) async throws -> Double {
    let question = String(decoding: Self.query.dropLast(), as: UTF8.self)
    let questions = [String](repeating: question, count: size)
    let thread = answering.thread.withLock { $0 }
    let seconds = try await withTaskExecutorPreference(bench) {
      for _ in 0..<10 { _ = try await instrument.ask(questions) }
      let begin = direct_process_time() - direct_time_of(thread)
      for _ in 0..<(Self.queries / size) { _ = try await instrument.ask(questions) }
      return direct_process_time() - direct_time_of(thread) - begin
    }
    let value = seconds / Double(Self.queries) * 1e6
    last[name] = value
    return value
  }

  // MARK: Inside

  private func measured(_ name: String, _ ask: (Int) throws -> Void) throws -> Double {
    try ask(100)
    let begin = direct_thread_time()
    try ask(Self.queries)
    let value = (direct_thread_time() - begin) / Double(Self.queries) * 1e6
    last[name] = value
    return value
  }

  private static func ask(_ link: any Link, _ count: Int) throws {
    for _ in 0..<count {
      try link.send(query, deadline: .after(10))
      let message = try link.receive(until: .byte(10), deadline: .after(10))
      try expect(reply.count, Int32(message.count))
    }
  }

  private static func expect(_ count: Int, _ done: Int32) throws {
    guard count == done else { throw POSIXError(.EIO) }
  }

  private func answeringTerminal() throws -> PseudoTerminal {
    let terminal = try PseudoTerminal()
    answer {
      // Ends when the port is closed.
      while (try? terminal.hear(Self.query.count)) != nil { try? terminal.say(Self.reply) }
    }
    return terminal
  }

  private func answerConnection() throws {
    let descriptor = accept(listener, nil, nil)
    guard descriptor >= 0 else { throw POSIXError(.ECONNABORTED) }
    answer { direct_answer(descriptor, Self.reply) }
  }

  /// Starts the thread that plays the instrument.
  private func answer(_ body: @escaping @Sendable () -> Void) {
    let started = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [answering] in
      answering.thread.withLock { $0 = pthread_self() }
      started.signal()
      body()
    }
    started.wait()
  }
}
