import SaltireCore
import SaltireLinks

extension Instrument {
  /// Queries the identity until it is clear, for at most ten seconds.
  ///
  /// Late replies, prompts and noise before the identity are skipped. An unexpected identity counts
  /// only if it is received twice, with the link resynchronised in between.
  ///
  /// - Parameters:
  ///   - messages: the messages to send; the last is the query.
  ///   - seconds: timeout of the first reply.
  ///   - isPatient: whether to query again after a timeout: an incomplete earlier line may have
  ///     swallowed the query.
  /// - Returns: the identity, which is the expected one.
  /// - Throws: ``InstrumentError/wrongIdentity(_:expected:)``,
  ///   ``InstrumentError/unidentified(reply:)``, ``InstrumentError/unterminated(reply:by:)``,
  ///   ``InstrumentError/link(_:)``.
  func identify(
    asking messages: [String], within seconds: Double, isPatient: Bool
  ) throws(InstrumentError) -> Identity {
    let end = Deadline.after(Self.longestSearch)
    var stranger: Identity?
    var heard: String?
    for round in 1...Self.rounds {
      if round > 1 { try resetLink() }
      try send(messages, within: min(seconds, max(end.remaining, 0.1)))
      let words = try listen(within: seconds, until: end)
      if let found = words.expected {
        // Replies to earlier queries may be late.
        if round > 1 { _ = try? listen(within: Self.quiet, until: .after(1)) }
        return found
      }
      if let other = words.other, other == stranger {
        throw .wrongIdentity(
          other, expected: identity?.description ?? expectedName)
      }
      stranger = words.other ?? stranger
      heard = words.last ?? heard
      let isSilent = heard == nil && stranger == nil
      if isSilent, !isPatient || round > 1 {
        throw isPatient ? unanswered(words.pending) : .link(.timeout(received: words.pending))
      }
      if end.remaining <= 0 { break }
    }
    throw .unidentified(reply: heard ?? stranger?.description ?? "")
  }

  /// What to report when no line was received: this number of bytes without a terminator.
  private func unanswered(_ pending: Int) -> InstrumentError {
    guard pending > 0, let link,
      let bytes = try? link.receive(until: .count(pending), deadline: .after(0))
    else { return .link(.timeout(received: pending)) }
    return .unterminated(
      reply: String(decoding: bytes, as: UTF8.self), by: definition.terminator(over: link))
  }

  /// The lines received until the link was quiet.
  private struct Words {
    /// The expected identity, if received.
    var expected: Identity?
    /// The last other identity.
    var other: Identity?
    /// The last line that was not an identity.
    var last: String?
    /// Bytes of an incomplete line.
    var pending = 0
  }

  private func listen(within seconds: Double, until end: Deadline) throws(InstrumentError) -> Words
  {
    var words = Words()
    var wait = seconds
    repeat {
      let line: String
      do throws(InstrumentError) {
        line = try receive(within: min(wait, end.remaining))
      } catch .link(.timeout(let count)) {
        // While bytes keep coming, a long unsolicited message is being received.
        guard count > words.pending else { break }
        words.pending = count
        continue
      } catch .link(.overrun) {
        try resetLink()
        continue
      }
      wait = min(wait, Self.quiet)
      guard let found = Identity(reply: line) else {
        words.last = line
        continue
      }
      if isExpected(found) {
        words.expected = found
        return words
      }
      words.other = found
    } while end.remaining > 0
    return words
  }

  /// Whether it is the instrument connected before, or the model in the bench file.
  private func isExpected(_ found: Identity) -> Bool {
    if let identity { return found == identity }
    return definition.model(of: found)?.name == model.name
      && serial.map { $0 == found.serial } ?? true
  }

  private var expectedName: String {
    "a \(model.name) (\(definition.title))" + (serial.map { " with serial number \($0)" } ?? "")
  }

  private func resetLink() throws(InstrumentError) {
    guard let link else { throw .link(.closed) }
    try linked(within: Self.quiet) { () throws(LinkError) in
      try link.recover(by: .clear, deadline: .after(Self.quiet))
    }
  }

  /// Maximum duration of the identification, and the pause that ends a reply, in seconds.
  private static let (longestSearch, quiet) = (10.0, 0.3)
  private static let rounds = 3
}
