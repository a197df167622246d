import Foundation

/// Why bytes did not get through.
public enum LinkError: Error, Equatable, Sendable, Codable {
  /// The deadline passed; so many bytes had come that made no whole message.
  /// They are kept for the next receive.
  case timeout(received: Int)
  /// The other side closed, or the device is gone.
  case disconnected
  /// ``LinkInterrupt/fire()`` ended the call.
  case interrupted
  /// The link was closed here.
  case closed
  /// More bytes than a message may have came without a terminator.
  case overrun(limit: Int)
  /// Nobody answers at that address.
  case unreachable(address: String, reason: String)
  /// It is there, and in use: by whom, where that is known.
  case busy(address: String, by: String?)
  /// It is there, and this user may not open it.
  case denied(address: String)
  /// What came breaks the rules of its protocol; it was dropped.
  case malformed(String)
  /// The device refused a transfer.
  case stalled(String)
  /// The link or the device behind it cannot do that.
  case unsupported(String)
  /// A replay was asked for something else than its record goes on with: both
  /// as ``WireEvent/description`` has them, without bytes for a receive.
  case offRecord(asked: String, recorded: String)
  /// A system call failed.
  case io(call: String, errno: Int32)
}

extension LinkError {
  /// What happened, in one sentence.
  public var message: String {
    switch self {
    case .timeout(let received):
      received == 0
        ? "no answer in time" : "only \(received) bytes of an answer came in time"
    case .disconnected: "the connection is gone"
    case .interrupted: "interrupted"
    case .closed: "the connection is closed"
    case .overrun(let limit): "no terminator within \(limit) bytes"
    case .unreachable(let address, let reason): "nobody answers at \(address): \(reason)"
    case .busy(let address, let holder):
      "\(address) is in use by \(holder ?? "another program")"
    case .denied(let address): "this user may not open \(address)"
    case .malformed(let what): "what came is not as the protocol has it: \(what)"
    case .stalled(let what): "the device refused \(what)"
    case .unsupported(let what): "there is no \(what) here"
    case .offRecord(let asked, let recorded): "asked: \(asked); recorded: \(recorded)"
    case .io(let call, let errno): "\(call) failed: \(String(cString: strerror(errno)))"
    }
  }
}
