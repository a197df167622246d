import SaltireCore
import SaltireLinks

extension Instrument {
  /// Aborts what the instrument is doing, and allows calls again after ``interrupt()``. Does not
  /// wait for a reply, and at most a quarter of a second for the commands to be accepted.
  public func abort() {
    link?.interrupt.acknowledge()
    bringToGround(isNew: false)
  }

  /// Opens the link to make safe what another program left on, and sends `safe` before any query:
  /// switching outputs off must not depend on the first reply.
  ///
  /// If the link cannot be opened, ``recover(attempting:)`` tries again.
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

  /// Resets the instrument's parser, so that an incomplete message of a previous program does not
  /// swallow the next one.
  ///
  /// - Parameter isNew: whether the link was just opened.
  private func bringToGround(isNew: Bool) {
    guard let link else { return }
    // A sweeping instrument would queue commands and execute them afterwards. On a message-based
    // link in use, recovery decides when to clear.
    if isNew || !link.isMessageBased || definition.engines.list != nil {
      try? take(.clear)
    }
    let lines = dialogue.ground(definition.abort, isMessageBased: link.isMessageBased)
    try? send(lines, within: Self.haste)
  }

  /// Sends commands without waiting for replies, even to an instrument that may not respond.
  public func sendUnasked(_ lines: [Line]) {
    let deadline = Deadline.after(Self.haste)
    for case .command(let text) in lines { try? send([text], within: deadline.remaining) }
  }

  /// Resynchronises with the instrument after an interrupt or an error: performs the recovery steps
  /// of its link, mildest first, until it identifies itself. After each step without success it
  /// gets the safe commands, which it may execute. A lost connection is reopened once, to make safe
  /// what is behind it.
  ///
  /// - Parameter safe: the commands that make safe.
  /// - Throws: ``InstrumentError`` if communication fails; `wrongIdentity` for another instrument.
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

  /// Reopens the link of a device that may take time to disappear and to come back.
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
        // A new device may be inaccessible until udev has applied its rules.
        guard case .link(let reason) = error, reason.passes, end.remaining > 0 else { throw error }
        HostTime.block(0.05)
      }
    }
  }

  private func resynchronise(within seconds: Double) throws(InstrumentError) {
    guard let link else { throw .link(.closed) }
    // Unsent bytes may have been dropped in the middle of a line.
    let spoiler = link.isMessageBased ? [] : [Dialogue.spoiler]
    identity = try identify(asking: spoiler + ["*IDN?"], within: seconds, isPatient: false)
    _ = try takeErrors()
  }

  /// Seconds for sending to an instrument that may not accept it: others are waiting to be made
  /// safe.
  private static let haste = 0.25
  /// Seconds in which a lost device may come back.
  private static let absence = 1.0
  /// Seconds to wait for a reply after a recovery step.
  private static let doubt = 0.5
}

extension LinkError {
  /// Whether the error may be transient.
  fileprivate var passes: Bool {
    switch self {
    case .unreachable, .disconnected, .denied, .busy: true
    default: false
    }
  }
}
