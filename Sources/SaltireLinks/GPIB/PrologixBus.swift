/// A Prologix GPIB-USB or GPIB-ETHERNET controller, or a compatible one such as an AR488. The
/// commands are those of the Prologix GPIB-USB Controller User Manual 6.107, section 8.
///
/// The received data neither name their instrument nor indicate a timeout: a read that times out
/// ends silently. An operation is therefore complete only when the instrument has ended its
/// message, or the adapter has replied to a query sent after it. No other operation may start
/// before that.
final class PrologixBus {
  private let link: any Link
  /// The address of the adapter, for errors.
  private let name: String
  /// The adapter's reply to `++ver`, including its line end. It is long enough not to be mistaken
  /// for data.
  private var version: [UInt8] = []
  /// The selected instrument; nil if unknown.
  private var selected: GPIBAddress?
  /// The number of outstanding replies to `++ver`.
  private var owed = 0
  /// Whether a line may have been sent incompletely.
  private var isMidLine = false

  /// The byte that the adapter appends to data received with EOI, which ends a message on GPIB
  /// (IEEE 488.2, 8.5): ASCII's end of transmission, which does not occur in text.
  private static let end: UInt8 = 4
  /// The adapter's timeout for an instrument, in milliseconds. Each read from a silent instrument
  /// delays all others by this time.
  private static let readTimeout = 50
  /// Additional transfer time between host and adapter in seconds: over USB, a timer delays
  /// incomplete packets.
  private static let transport = 0.03
  /// Seconds without a reply after which an adapter counts as defective.
  private static let patience = 1.0
  /// Start-up time in seconds of an adapter that restarts when its port is opened, such as an
  /// Arduino.
  private static let start = 4.0

  /// Configures an adapter that nobody else uses; sends nothing to any instrument. Closes `link` on
  /// failure.
  ///
  /// - Throws: ``LinkError/unreachable(address:reason:)`` if there is no adapter; other errors of
  ///   the link.
  init(_ link: any Link, name: String) throws(LinkError) {
    self.link = link
    self.name = name
    do throws(LinkError) {
      version = try greet()
      try configure()
    } catch {
      link.close()
      throw error
    }
  }

  func close() { link.close() }

  // MARK: Operations

  /// Sends a message with EOI on its last byte.
  func send(
    _ message: [UInt8], to address: GPIBAddress, deadline: Deadline
  ) throws(LinkError) {
    try select(address, deadline)
    try write(Self.escaped(message) + [10], deadline)
  }

  /// Reads from the instrument until it has ended its message or has been silent for a twentieth of
  /// a second.
  ///
  /// - Parameters:
  ///   - lineEnd: the terminator of text; nil for arbitrary data.
  ///   - interrupt: ends the wait for more data.
  ///   - deadline: the deadline for earlier operations to complete.
  /// - Returns: the received bytes, and whether the message ended.
  func receive(
    from address: GPIBAddress, lineEnd: UInt8?, interrupt: LinkInterrupt, deadline: Deadline
  ) throws(LinkError) -> (bytes: [UInt8], isEnded: Bool) {
    try select(address, deadline)
    try order("++read eoi")
    var bytes: [UInt8] = []
    var silence = Self.silence
    while silence.remaining > 0, !interrupt.isFired, bytes.count < MessageBuffer.limit {
      let more = try heard()
      guard !more.isEmpty else { continue }
      bytes += more
      silence = Self.silence
      guard bytes.last == Self.end else { continue }
      // In text these two bytes are adjacent only at its end.
      if let lineEnd, bytes.dropLast().last == lineEnd { return (bytes.dropLast(), true) }
      // The adapter's mark, or a data byte equal to it: everything before the reply to the query
      // was received.
      break
    }
    bytes += try synchronise()
    return bytes.last == Self.end ? (bytes.dropLast(), true) : (bytes, false)
  }

  /// Sends the adapter a command about an instrument, and waits until it is complete.
  ///
  /// - Returns: the reply without line ends.
  @discardableResult
  func perform(
    _ command: String, at address: GPIBAddress, deadline: Deadline
  ) throws(LinkError) -> String {
    try select(address, deadline)
    try order(command)
    let answer = String(decoding: try synchronise(), as: UTF8.self)
    return String(answer.filter { !$0.isNewline })
  }

  // MARK: Start

  /// Queries the version until the adapter replies, and returns the reply.
  private func greet() throws(LinkError) -> [UInt8] {
    let deadline = Deadline.after(Self.start)
    var answer: [UInt8] = []
    while answer.isEmpty {
      guard deadline.remaining > 0 else { throw silent }
      try order("++ver")
      answer = try line(within: 0.5)
    }
    // It may answer several of the queries; earlier bytes belong to a previous user.
    while case let next = try line(within: 0.1), !next.isEmpty { answer = next }
    return answer
  }

  private func configure() throws(LinkError) {
    // Otherwise each of these commands, and each change of the address, would be written to its
    // flash memory. An AR488 saves only on request, and would take this command as one.
    let isArduino = String(decoding: version, as: UTF8.self).contains("AR488")
    let settings =
      (isArduino ? [] : ["++savecfg 0"]) + [
        "++mode 1",
        // Instruments are read on request, not after every message.
        "++auto 0", "++read_tmo_ms \(Self.readTimeout)",
        // Messages are sent unchanged, with EOI on the last byte.
        "++eos 3", "++eoi 1",
        "++eot_char \(Self.end)", "++eot_enable 1",
      ]
    for setting in settings { try order(setting) }
    _ = try synchronise()
    try order("++mode")
    let mode = String(decoding: try synchronise(), as: UTF8.self).filter { !$0.isNewline }
    guard mode == "1" else {
      throw .malformed(
        "a GPIB adapter at \(name) that reports its mode as \(mode.debugDescription)")
    }
  }

  // MARK: Inside

  /// Selects this instrument after the previous operation is complete.
  private func select(_ address: GPIBAddress, _ deadline: Deadline) throws(LinkError) {
    // Others wait for their turn, no longer than the caller would.
    if owed > 0 || isMidLine { _ = try synchronise(within: deadline.remaining) }
    guard selected != address else { return }
    selected = nil
    try order("++addr \(address)")
    selected = address
  }

  private func order(_ command: String) throws(LinkError) {
    try write(Array(command.utf8) + [10], .after(Self.patience))
  }

  private func write(_ line: [UInt8], _ deadline: Deadline) throws(LinkError) {
    do throws(LinkError) {
      try link.send(line, deadline: deadline)
    } catch {
      isMidLine = true
      throw error
    }
  }

  /// Waits until the adapter has completed all commands.
  ///
  /// - Returns: the bytes received meanwhile.
  private func synchronise(within seconds: Double = patience) throws(LinkError) -> [UInt8] {
    if isMidLine {
      selected = nil
      // A truncated message must not be a valid command: a voltage without its last digit would be.
      try order("@@@")
      isMidLine = false
    }
    try order("++ver")
    owed += 1
    var bytes: [UInt8] = []
    var hasAnswered = false
    while owed > 0 {
      let line = try line(within: min(seconds, Self.patience))
      if line.isEmpty {
        guard hasAnswered else { throw silent }
        // It works, so outstanding replies are lost.
        owed = 0
        break
      }
      bytes += line
      guard bytes.count < MessageBuffer.limit else { throw .overrun(limit: MessageBuffer.limit) }
      if bytes.suffix(version.count) == version[...] {
        bytes.removeLast(version.count)
        owed -= 1
        hasAnswered = true
      }
    }
    return bytes
  }

  /// The bytes up to the next LF; empty on timeout.
  private func line(within seconds: Double) throws(LinkError) -> [UInt8] {
    do throws(LinkError) {
      return try link.receive(until: .byte(10), deadline: .after(seconds))
    } catch .timeout {
      return []
    }
  }

  /// The bytes received in a short time, up to the end mark.
  private func heard() throws(LinkError) -> [UInt8] {
    do throws(LinkError) {
      return try link.receive(until: .byte(Self.end), deadline: .after(0.02))
    } catch .timeout(let count) {
      return count == 0 ? [] : try link.receive(until: .count(count), deadline: .after(0))
    }
  }

  /// The deadline after which an instrument that is silent from now on has nothing more to say.
  private static var silence: Deadline { .after(Double(readTimeout) / 1000 + transport) }

  private var silent: LinkError {
    .unreachable(address: name, reason: "the GPIB adapter does not respond")
  }

  /// Inserts ESC before every byte that the adapter would interpret.
  static func escaped(_ message: [UInt8]) -> [UInt8] {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(message.count + 8)
    for byte in message {
      if [10, 13, 27, UInt8(ascii: "+")].contains(byte) { escaped.append(27) }
      escaped.append(byte)
    }
    return escaped
  }
}
