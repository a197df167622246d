import SaltireCore

/// The capabilities that a device reports (USBTMC 1.00, 4.2.1.8; USB488 1.00, 4.2.2).
public struct USBTMCCapabilities: Sendable, Equatable {
  /// Can end a reply at a given character.
  public var endsAtCharacter = false
  /// Supports the trigger message.
  public var triggers = false
  /// Supports remote and local mode.
  public var goesRemote = false

  init() {}

  /// Parses the reply to GET_CAPABILITIES; missing bytes mean unsupported.
  init(reply: [UInt8]) {
    guard reply.first == USBTMCStatus.success.rawValue, let own = reply.element(at: 5),
      let ofUSB488 = reply.element(at: 14)
    else { return }
    endsAtCharacter = own & 1 != 0
    triggers = ofUSB488 & 1 != 0
    goesRemote = ofUSB488 & 2 != 0
  }

  /// Queries the capabilities of a device, which need not reply.
  ///
  /// - Throws: ``LinkError/disconnected``, ``LinkError/interrupted``.
  init(of handle: USBHandle) throws(LinkError) {
    do throws(LinkError) {
      self.init(
        reply: try handle.ask(
          USBTMCRequest.capabilities, count: 0x18, deadline: .after(0.25)))
    } catch {
      if error == .disconnected || error == .interrupted { throw error }
      self.init()
    }
  }
}

/// The requests on the control endpoint (USBTMC 1.00, table 15; USB488 1.00,
/// table 9).
enum USBTMCRequest {
  static let abortOutput: UInt8 = 1, checkAbortOutput: UInt8 = 2
  static let abortInput: UInt8 = 3, checkAbortInput: UInt8 = 4
  static let clear: UInt8 = 5, checkClear: UInt8 = 6
  static let capabilities: UInt8 = 7
  static let statusByte: UInt8 = 128
  static let remote: UInt8 = 160, local: UInt8 = 161
}

/// The status of a request (USBTMC 1.00, table 16).
enum USBTMCStatus: UInt8 {
  case success = 1
  case pending = 2
  /// From USB488: an earlier interrupt-IN notification has not been read yet.
  case notificationBusy = 0x20
  case failed = 0x80
  case notInProgress = 0x81
}
