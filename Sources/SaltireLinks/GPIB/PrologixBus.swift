/// A Prologix GPIB-USB or GPIB-ETHERNET controller, or one that speaks like
/// it, such as an AR488. Commands are those of the Prologix GPIB-USB
/// Controller User Manual 6.107, section 8.
///
/// What comes from it does not say which instrument it is from, nor that
/// nothing more will come: a read that times out ends without a word. So an
/// operation is over only when the instrument has ended its message or the
/// adapter has answered a question put behind it. Until it has, nobody else
/// may begin one.
final class PrologixBus {
  private let link: any Link
  /// Where the adapter is, for errors.
  private let name: String
  /// What the adapter answers to `++ver`, its line end included. It is long
  /// enough not to be mistaken for data.
  private var version: [UInt8] = []
  /// What it talks to; nil when that is not known.
  private var selected: GPIBAddress?
  /// Answers to `++ver` that are still to come.
  private var owed = 0
  /// Whether a line may have been sent in part.
  private var isMidLine = false

  /// Put by the adapter behind what came with EOI, which is how a message
  /// ends on GPIB (IEEE 488.2, 8.5): ASCII's end of transmission, which is in
  /// no text.
  private static let end: UInt8 = 4
  /// How long the adapter waits for an instrument to go on, milliseconds. One
  /// that is silent holds all others up for as long, each time it is asked.
  private static let readTimeout = 50
  /// Seconds for what passes between host and adapter besides, where it comes
  /// over USB and a timer sends what is less than a packet.
  private static let transport = 0.03
  /// Seconds of silence after which an adapter does not work.
  private static let patience = 1.0
  /// Seconds in which an adapter starts that begins anew when its port is
  /// opened, as those on an Arduino.
  private static let start = 4.0

  /// Makes an adapter ready that nobody else uses; says nothing to any
  /// instrument. Closes `link` where that fails.
  ///
  /// - Throws: ``LinkError/unreachable(address:reason:)`` where there is no
  ///   adapter; others of the link.
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

  /// Sends a message, its last byte with EOI.
  func send(
    _ message: [UInt8], to address: GPIBAddress, deadline: Deadline
  ) throws(LinkError) {
    try select(address, deadline)
    try write(Self.escaped(message) + [10], deadline)
  }

  /// Lets the instrument talk, until it has ended its message or has been
  /// silent for a twentieth of a second.
  ///
  /// - Parameters:
  ///   - lineEnd: what text ends with; nil where data come that may contain
  ///     anything.
  ///   - interrupt: ends the waiting for more.
  ///   - deadline: of waiting for what was before.
  /// - Returns: what came, and whether it ended its message.
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
      // No text has these two behind one another but at its end.
      if let lineEnd, bytes.dropLast().last == lineEnd { return (bytes.dropLast(), true) }
      // The adapter's mark, or a byte of data that looks like it: whatever
      // stands before the answer to a question is all that came.
      break
    }
    bytes += try synchronise()
    return bytes.last == Self.end ? (bytes.dropLast(), true) : (bytes, false)
  }

  /// Gives the adapter a command that is about an instrument, and waits until
  /// it has been done.
  ///
  /// - Returns: what it answered, without line ends.
  @discardableResult
  func perform(
    _ command: String, at address: GPIBAddress, deadline: Deadline
  ) throws(LinkError) -> String {
    try select(address, deadline)
    try order(command)
    let answer = String(decoding: try synchronise(), as: UTF8.self)
    return String(answer.filter { !$0.isNewline })
  }

  // MARK: Beginning

  /// Asks until it answers, and returns its version as it came.
  private func greet() throws(LinkError) -> [UInt8] {
    let deadline = Deadline.after(Self.start)
    var answer: [UInt8] = []
    while answer.isEmpty {
      guard deadline.remaining > 0 else { throw silent }
      try order("++ver")
      answer = try line(within: 0.5)
    }
    // It may have heard several of the questions; what came before them was
    // somebody else's.
    while case let next = try line(within: 0.1), !next.isEmpty { answer = next }
    return answer
  }

  private func configure() throws(LinkError) {
    // Or each of these, and each change of the address, would be burnt into
    // its memory. To an AR488, which does that only when told, this is telling
    // it.
    let isArduino = String(decoding: version, as: UTF8.self).contains("AR488")
    let settings =
      (isArduino ? [] : ["++savecfg 0"]) + [
        "++mode 1",
        // Instruments talk when they are asked to, not after every message.
        "++auto 0", "++read_tmo_ms \(Self.readTimeout)",
        // Messages go out as they are, their last byte with EOI.
        "++eos 3", "++eoi 1",
        "++eot_char \(Self.end)", "++eot_enable 1",
      ]
    for setting in settings { try order(setting) }
    _ = try synchronise()
    try order("++mode")
    let mode = String(decoding: try synchronise(), as: UTF8.self).filter { !$0.isNewline }
    guard mode == "1" else {
      throw .malformed("a GPIB adapter at \(name) that says its mode is \(mode.debugDescription)")
    }
  }

  // MARK: Inside

  /// Makes that it is about this instrument, once the operation before is
  /// over.
  private func select(_ address: GPIBAddress, _ deadline: Deadline) throws(LinkError) {
    // Others wait for their turn: not longer than who asks would.
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

  /// Waits until the adapter has done all that it was told.
  ///
  /// - Returns: what came until then.
  private func synchronise(within seconds: Double = patience) throws(LinkError) -> [UInt8] {
    if isMidLine {
      selected = nil
      // What an instrument got of a message must not be a command that makes
      // sense: a voltage without its last digit is one.
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
        // It works, so what it owes is lost.
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

  /// The bytes up to the next LF; none when it does not come.
  private func line(within seconds: Double) throws(LinkError) -> [UInt8] {
    do throws(LinkError) {
      return try link.receive(until: .byte(10), deadline: .after(seconds))
    } catch .timeout {
      return []
    }
  }

  /// What comes in a short time, up to the mark of an end.
  private func heard() throws(LinkError) -> [UInt8] {
    do throws(LinkError) {
      return try link.receive(until: .byte(Self.end), deadline: .after(0.02))
    } catch .timeout(let count) {
      return count == 0 ? [] : try link.receive(until: .count(count), deadline: .after(0))
    }
  }

  /// When an instrument that has said nothing since now will say no more.
  private static var silence: Deadline { .after(Double(readTimeout) / 1000 + transport) }

  private var silent: LinkError {
    .unreachable(address: name, reason: "the GPIB adapter does not answer")
  }

  /// With ESC before every byte that the adapter would not pass on.
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
