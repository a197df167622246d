import SaltireCore
import SaltireLinks

extension Instrument {
  /// Tells the instrument to end what it is doing, and lets calls through
  /// again after ``interrupt()``. Waits for no answer, and a quarter of a second
  /// at most for the words to be taken.
  public func abort() {
    link?.interrupt.acknowledge()
    bringToGround(isNew: false)
  }

  /// Opens the link to make safe what somebody else left on, and sends `safe` before
  /// anything is asked: whoever speaks first on the line must not decide whether
  /// outputs are switched off.
  ///
  /// A link that does not open is left to ``recover(attempting:)``.
  ///
  /// - Parameter safe: the commands that make safe.
  public func open(toMakeSafe safe: [Line]) {
    do throws(InstrumentError) {
      try openLink()
    } catch {
      return
    }
    bringToGround(isNew: true)
    sendUnasked(safe)
  }

  /// Brings the instrument's parser to its ground state: what was cut off by whoever
  /// had the link before must swallow nothing that is sent now.
  ///
  /// - Parameter isNew: whether the link was just opened.
  private func bringToGround(isNew: Bool) {
    guard let link else { return }
    // An instrument that sweeps takes no commands, and would do them afterwards. On a
    // message-based link that is in use, recovery decides when to clear.
    if isNew || !link.isMessageBased || definition.engines.list != nil {
      try? take(.clear)
    }
    let lines = dialogue.ground(definition.abort, isMessageBased: link.isMessageBased)
    try? send(lines, within: Self.haste)
  }

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
  ///   when somebody else answers.
  public func recover(attempting safe: [Line] = []) throws(InstrumentError) {
    var failure = InstrumentError.link(.closed)
    var steps = (link?.recoverySteps ?? [.reopen])[...]
    while let step = steps.popFirst() {
      do throws(InstrumentError) {
        if step == .reopen { return try reopen(toMakeSafe: safe) }
        try take(step)
        return try resynchronise(
          within: steps.isEmpty ? definition.patience : min(definition.patience, Self.doubt))
      } catch .link(.disconnected) where step != .reopen {
        failure = .link(.disconnected)
        steps = [.reopen]
      } catch .wrongIdentity(let other, let expected) {
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
    try linked(within: Self.haste) { () throws(LinkError) in
      try link.recover(by: step, deadline: .after(Self.haste))
    }
  }

  /// Opens the link again, of a device that may take a while to leave, and to
  /// come back.
  private func reopen(toMakeSafe safe: [Line]) throws(InstrumentError) {
    let end = Deadline.after(Self.absence)
    while true {
      do throws(InstrumentError) {
        link?.close()
        try openLink()
        bringToGround(isNew: true)
        sendUnasked(safe)
        return try resynchronise(within: definition.patience)
      } catch {
        // One that just came may be nobody's yet, until its rules are applied.
        guard case .link(let reason) = error, reason.passes, end.remaining > 0 else { throw error }
        HostTime.block(0.05)
      }
    }
  }

  private func resynchronise(within seconds: Double) throws(InstrumentError) {
    guard let link else { throw .link(.closed) }
    // What was not sent yet may have been dropped, in the middle of a line.
    let spoiler = link.isMessageBased ? [] : [Dialogue.spoiler]
    identity = try identify(asking: spoiler + ["*IDN?"], within: seconds, isPatient: false)
    _ = try takeErrors()
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
