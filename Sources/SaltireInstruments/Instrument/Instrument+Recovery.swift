internal import SaltireCore
internal import SaltireLinks

extension Instrument {
  /// Tells the instrument to end what it is doing, and lets calls through
  /// again after ``interrupt()``. Waits for no answer, and a quarter of a second
  /// at most for the words to be taken.
  public func abort() {
    link?.interrupt.acknowledge()
    if definition.engines.list != nil {
      // While it sweeps it takes no commands, and would do them afterwards.
      try? link?.recover(by: .clear, deadline: .after(Self.haste))
    }
    try? send(spoiler + definition.abort, within: Self.haste)
  }

  /// Ends a line that was cut off, so that it neither swallows the next nor is done
  /// as far as it came: "…=4" of "…=4e-3" is another voltage. It makes no sense
  /// behind any beginning of a command.
  private var spoiler: [String] { link?.isMessageBased == true ? [] : [")"] }

  /// Sends commands without waiting for what comes of them, also to an
  /// instrument that may not answer any more.
  public func sendUnasked(_ lines: [Line]) {
    let deadline = Deadline.after(Self.haste)
    for case .command(let text) in lines { try? send([text], within: deadline.remaining) }
  }

  /// Finds the beginning of the instrument's answers again, after an
  /// interrupt or a failure: takes what steps its link has, mildest first,
  /// until it says who it is. After each that did not help it is told to make
  /// safe, which it may hear. A connection that is gone is made anew, once:
  /// only to make safe what is behind it.
  ///
  /// - Parameter safe: the commands that make safe.
  /// - Throws: ``InstrumentError`` when it cannot be talked to; `wrongIdentity`
  ///   when somebody else answers, who is told nothing.
  public func recover(attempting safe: [Line] = []) throws(InstrumentError) {
    var failure = InstrumentError.link(.closed)
    var steps = (link?.recoverySteps ?? [.reopen])[...]
    while let step = steps.popFirst() {
      do throws(InstrumentError) {
        if step == .reopen { return try reopen() }
        try take(step)
        return try resynchronise(
          within: steps.isEmpty ? definition.patience : min(definition.patience, Self.doubt))
      } catch .link(.disconnected) where step != .reopen {
        failure = .link(.disconnected)
        steps = [.reopen]
      } catch .wrongIdentity(let other, let expected) {
        // Somebody else's: it is told nothing.
        throw .wrongIdentity(other, expected: expected)
      } catch {
        failure = error
        sendUnasked(safe)
      }
    }
    throw failure
  }

  private func take(_ step: RecoveryStep) throws(InstrumentError) {
    guard let link else { throw .link(.closed) }
    try linked { () throws(LinkError) in
      try link.recover(by: step, deadline: .after(Self.haste))
    }
  }

  /// Opens the link again, of a device that may take a while to leave, and to
  /// come back.
  private func reopen() throws(InstrumentError) {
    let end = Deadline.after(Self.absence)
    while true {
      do throws(InstrumentError) {
        link?.close()
        try openLink()
        return try resynchronise(within: definition.patience, isNew: true)
      } catch {
        // One that just came may be nobody's yet, until its rules are applied.
        guard case .link(let reason) = error, reason.passes, end.remaining > 0 else { throw error }
        HostTime.block(0.05)
      }
    }
  }

  /// An identity that is the model expected here, of one that has not told its
  /// own yet.
  private func known(_ found: Identity) -> Identity? {
    definition.model(of: found)?.name == model.name ? found : nil
  }

  /// - Parameter isNew: whether another may be at the other end of the link.
  private func resynchronise(
    within seconds: Double, isNew: Bool = false
  ) throws(InstrumentError) {
    let deadline = Deadline.after(seconds)
    // What was not sent yet may have been dropped, in the middle of a line.
    try send(spoiler + ["*IDN?"], within: seconds)
    // Late answers come first; the identity says that they have ended.
    while true {
      let found = Identity(reply: try receive(within: deadline.remaining))
      if let found, found == identity ?? known(found) {
        identity = found
        _ = try takeErrors()
        return
      }
      if isNew, let found, let identity {
        link?.close()
        throw .wrongIdentity(found, expected: "\(identity)")
      }
    }
  }

  /// Seconds for what is sent to an instrument that may not take it: others
  /// wait to be made safe.
  private static let haste = 0.25
  /// Seconds within which a device that left comes back, if it does.
  private static let absence = 1.0
  /// Seconds to wait for a sign of life after a step that may have helped.
  private static let doubt = 0.5
}

extension LinkError {
  /// Whether it may be over in a moment.
  fileprivate var passes: Bool {
    switch self {
    case .unreachable, .disconnected, .denied, .busy: true
    default: false
    }
  }
}
