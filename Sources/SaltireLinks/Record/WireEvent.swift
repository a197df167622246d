/// One event on a link.
public struct WireEvent: Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    case sent, received
    /// A recovery step was performed.
    case recovered(RecoveryStep)
    /// A call threw this error.
    case failed(LinkError)
  }

  public var kind: Kind
  /// When the call ended, in seconds on `HostTime.monotonic`.
  public var time: Double
  /// The message that was sent, was to be sent or was received.
  public var bytes: [UInt8]

  public init(_ kind: Kind, time: Double = 0, bytes: [UInt8] = []) {
    self.kind = kind
    self.time = time
    self.bytes = bytes
  }

  /// Such as `sent "*IDN?\n"`.
  public var description: String {
    let what =
      switch kind {
      case .sent: "sent"
      case .received: "received"
      case .recovered(let step): "step to recover: \(step.title)"
      case .failed(let error): "failed with \(error)"
      }
    if bytes.isEmpty { return what }
    return "\(what) \(String(decoding: bytes, as: UTF8.self).debugDescription)"
  }
}
