import SaltireCore
import SaltireLinks

extension Instrument {
  /// Asks who is at the other end until that is clear, within ten seconds.
  ///
  /// Late answers, prompts and noise may come first: they are passed over. Somebody
  /// else is there only when he says so twice, with the link resynchronised in between.
  ///
  /// - Parameters:
  ///   - messages: what is sent; the last is the question.
  ///   - seconds: how long the first word may take.
  ///   - isPatient: whether silence is asked again: the end of a line that was cut off
  ///     may have swallowed the question.
  /// - Returns: who it is: the instrument that is expected here.
  /// - Throws: ``InstrumentError/wrongIdentity(_:expected:)``,
  ///   ``InstrumentError/unidentified(reply:)``, ``InstrumentError/link(_:)``.
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
        // The questions before may be answered late.
        if round > 1 { _ = try? listen(within: Self.quiet, until: .after(1)) }
        return found
      }
      if let other = words.other, other == stranger {
        throw .wrongIdentity(
          other, expected: identity?.description ?? "a \(definition.title) \(model.name)")
      }
      stranger = words.other ?? stranger
      heard = words.last ?? heard
      let isSilent = heard == nil && stranger == nil
      if isSilent, !isPatient || round > 1 { throw .link(.timeout(received: words.pending)) }
      if end.remaining <= 0 { break }
    }
    throw .unidentified(reply: heard ?? stranger?.description ?? "")
  }

  /// What was said until the line fell quiet.
  private struct Words {
    /// Who is expected here.
    var expected: Identity?
    /// The last other one.
    var other: Identity?
    /// The last line that was no identity.
    var last: String?
    /// Bytes of a line without an end.
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
        // As long as bytes come, a long message is on its way that nobody asked for.
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

  /// The one that was here before, or the model that the bench file names.
  private func isExpected(_ found: Identity) -> Bool {
    if let identity { return found == identity }
    return definition.model(of: found)?.name == model.name
  }

  private func resetLink() throws(InstrumentError) {
    guard let link else { throw .link(.closed) }
    try linked(within: Self.quiet) { () throws(LinkError) in
      try link.recover(by: .clear, deadline: .after(Self.quiet))
    }
  }

  /// Seconds that finding out may take, and of silence that end what was said.
  private static let (longestSearch, quiet) = (10.0, 0.3)
  private static let rounds = 3
}
