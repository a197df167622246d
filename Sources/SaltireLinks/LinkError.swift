import Foundation

/// An error of a link.
public enum LinkError: Error, Equatable, Sendable, Codable {
  /// The deadline passed after this number of bytes of an incomplete message, which are kept for
  /// the next receive.
  case timeout(received: Int)
  /// The other side closed the connection, or the device was disconnected.
  case disconnected
  /// ``LinkInterrupt/fire()`` ended the call.
  case interrupted
  /// This side closed the link.
  case closed
  /// A message exceeded the maximum length without a terminator.
  case overrun(limit: Int)
  /// There is no response at that address.
  case unreachable(address: String, reason: String)
  /// Another program uses it: which, if known.
  case busy(address: String, by: String?)
  /// This user has no permission to open it.
  case denied(address: String)
  /// Received bytes violate the protocol; they were discarded.
  case malformed(String)
  /// The device rejected a transfer.
  case stalled(String)
  /// The link or its device does not support the operation.
  case unsupported(String)
  /// A replay was asked for something other than the next recorded event. Both are in the form of
  /// ``WireEvent/description``, without bytes for a receive.
  case offRecord(asked: String, recorded: String)
  /// A system call failed.
  case io(call: String, errno: Int32)
}

extension LinkError {
  /// The error as one sentence.
  public var message: String {
    switch self {
    case .timeout(let received):
      received == 0
        ? "timed out waiting for a reply" : "timed out after \(received) bytes of a reply"
    case .disconnected: "the connection was lost"
    case .interrupted: "interrupted"
    case .closed: "the connection is closed"
    case .overrun(let limit): "no terminator within \(limit) bytes"
    case .unreachable(let address, let reason): "cannot reach \(address): \(reason)"
    case .busy(let address, let holder):
      "\(address) is in use by \(holder ?? "another program")"
    case .denied(let address): "permission denied for \(address)"
    case .malformed(let what): "protocol violation: received \(what)"
    case .stalled(let what): "the device rejected \(what)"
    case .unsupported(let what): "not supported: \(what)"
    case .offRecord(let asked, let recorded): "asked: \(asked); recorded: \(recorded)"
    case .io(let call, let errno): "\(call) failed: \(String(cString: strerror(errno)))"
    }
  }
}
