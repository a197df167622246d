import SaltireCore
import SaltireLinks

/// Sending and receiving messages.
extension Instrument {
  func send(
    _ messages: [String], within seconds: Double? = nil
  ) throws(InstrumentError) {
    guard let link else { throw .link(.closed) }
    let deadline = Deadline.after(seconds ?? definition.patience)
    let pieces = messages.map { Array($0.utf8) + [definition.terminator(over: link)] }
    if definition.pace > 0 {
      for (message, bytes) in zip(messages, pieces) {
        HostTime.block(max(0, silence - HostTime.monotonic))
        let deadline = Deadline.after(seconds ?? definition.patience)
        try linked(within: deadline.remaining) { () throws(LinkError) in
          try link.send(bytes, deadline: deadline)
        }
        if sets(message) { silence = HostTime.monotonic + definition.pace }
      }
      return
    }
    for bytes in link.isMessageBased ? pieces : [Array(pieces.joined())] {
      try linked(within: deadline.remaining) { () throws(LinkError) in
        try link.send(bytes, deadline: deadline)
      }
    }
  }

  /// Whether a message changes a setting: a query or a trigger does not.
  private func sets(_ message: String) -> Bool {
    let triggers = definition.verbs["trigger"] ?? []
    return !Definition.isQuestion(message)
      && !triggers.contains { trigger in
        model.channels.contains { trigger.filled(["ch": $0]) == message }
      }
  }

  func receive(within seconds: Double) throws(InstrumentError) -> String {
    guard let link else { throw .link(.closed) }
    let terminator = Terminator.byte(definition.terminator(over: link))
    let deadline = Deadline.after(seconds)
    while true {
      let message = try linked(within: deadline.remaining) { () throws(LinkError) in
        try link.receive(until: terminator, deadline: deadline)
      }
      if let text = reply.text(of: message.dropLast()) {
        padding = Reply.padding(of: message)
        return text
      }
    }
  }

  /// - Parameter seconds: the time within which `body` returns in any case.
  func linked<Value>(
    within seconds: Double, _ body: () throws(LinkError) -> Value
  ) throws(InstrumentError) -> Value {
    let wait = stepping?.begin(within: seconds)
    defer { wait.map { stepping?.end($0) } }
    do throws(LinkError) { return try body() } catch { throw .link(error) }
  }

  /// Timeouts in seconds for opening a link and for emptying a queue of old errors.
  static let (opening, draining) = (20.0, 10.0)
}
