import CSerialPort
import Foundation

/// An open port of libserialport.
///
/// Its blocking calls cannot tell a disconnected port from a silent one, and spin until their
/// timeout, so only non-blocking calls are used here.
struct SerialPort: BytePort {
  let descriptor: Int32
  private let port: OpaquePointer
  private let clearByte: UInt8?
  /// Whether characters can pause either side.
  private let canBePaused: Bool
  private var isClaimed = false

  /// - Throws: ``LinkError/unreachable(address:reason:)``,
  ///   ``LinkError/busy(address:by:)``, ``LinkError/denied(address:)``,
  ///   ``LinkError/io(call:errno:)``.
  init(path: String, settings: SerialSettings) throws(LinkError) {
    var found: OpaquePointer?
    guard sp_get_port_by_name(path, &found) == SP_OK, let found else {
      throw .unreachable(
        address: path, reason: access(path, F_OK) == 0 ? "not a serial port" : "no such port")
    }
    guard sp_open(found, SP_MODE_READ_WRITE) == SP_OK else {
      let code = sp_last_error_code()
      sp_free_port(found)
      throw Self.refusal(code, path)
    }
    var handle: Int32 = -1
    sp_get_port_handle(found, &handle)
    port = found
    descriptor = handle
    clearByte = settings.clearByte
    canBePaused = settings.flow == .xonXoff
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    do throws(LinkError) {
      if settings.isExclusive {
        try claim(path)
        // Most programs do not lock ports, and two programs would each receive parts of every
        // reply.
        if let holder = HostSystem().holders(of: path, but: getpid()).first {
          throw LinkError.busy(address: path, by: holder)
        }
      }
      try apply(settings, path)
      // Earlier bytes are not replies to this program.
      try Self.check(sp_flush(port, SP_BUF_BOTH), "tcflush")
    } catch {
      close()
      throw error
    }
  }

  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(LinkError) -> Int {
    try Self.check(sp_nonblocking_read(port, buffer.baseAddress, buffer.count), "read")
  }

  func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(LinkError) -> Int {
    try Self.check(sp_nonblocking_write(port, bytes.baseAddress, bytes.count), "write")
  }

  func reset() throws(LinkError) {
    try Self.check(sp_flush(port, SP_BUF_BOTH), "tcflush")
    if canBePaused { resume() }
    // There is space, because the output was just discarded.
    if var byte = clearByte { try Self.check(sp_nonblocking_write(port, &byte, 1), "write") }
  }

  func close() {
    if isClaimed { _ = ioctl(descriptor, UInt(TIOCNXCL)) }
    sp_close(port)
    sp_free_port(port)
  }

  // MARK: Inside

  /// Prevents others from opening the port. The lock is for programs of the superuser, who can
  /// ignore exclusive mode.
  private mutating func claim(_ path: String) throws(LinkError) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, ioctl(descriptor, UInt(TIOCEXCL)) == 0 else {
      throw Self.refusal(errno, path)
    }
    isClaimed = true
  }

  /// Ends pauses on both sides: an instrument that was switched off, or a program that ended,
  /// cannot resume them.
  private func resume() {
    // The system ends a pause requested by the other side only when it ends one of its own.
    tcflow(descriptor, TCOOFF)
    tcflow(descriptor, TCOON)
    tcflow(descriptor, TCION)
  }

  private func apply(_ settings: SerialSettings, _ path: String) throws(LinkError) {
    // libserialport interprets -1 as "unchanged".
    guard settings.baud > 0, (5...8).contains(settings.dataBits),
      (1...2).contains(settings.stopBits)
    else { throw .unreachable(address: path, reason: "\(settings.summary) is not possible") }
    try setLineFlowControl(settings.flow == .rtsCts)
    var config: OpaquePointer?
    guard sp_new_config(&config) == SP_OK else { throw .io(call: "malloc", errno: ENOMEM) }
    defer { sp_free_config(config) }
    sp_set_config_baudrate(config, Int32(clamping: settings.baud))
    sp_set_config_bits(config, Int32(settings.dataBits))
    sp_set_config_parity(config, settings.parity.value)
    sp_set_config_stopbits(config, Int32(settings.stopBits))
    sp_set_config_xon_xoff(
      config, settings.flow == .xonXoff ? SP_XONXOFF_INOUT : SP_XONXOFF_DISABLED)
    if let level = settings.dtr.level { sp_set_config_dtr(config, level ? SP_DTR_ON : SP_DTR_OFF) }
    if settings.flow != .rtsCts, let level = settings.rts.level {
      sp_set_config_rts(config, level ? SP_RTS_ON : SP_RTS_OFF)
    }
    guard sp_set_config(port, config) == SP_OK else {
      throw .unreachable(address: path, reason: "does not support \(settings.summary)")
    }
  }

  /// Without libserialport, which up to 0.1.1 sets this flag among the input flags, where it only
  /// makes later calls fail.
  private func setLineFlowControl(_ isOn: Bool) throws(LinkError) {
    let flag = tcflag_t(CRTSCTS)
    var terminal = termios()
    guard tcgetattr(descriptor, &terminal) == 0 else { throw Self.failure("tcgetattr") }
    terminal.c_iflag &= ~flag
    terminal.c_cflag = isOn ? terminal.c_cflag | flag : terminal.c_cflag & ~flag
    guard tcsetattr(descriptor, TCSANOW, &terminal) == 0 else { throw Self.failure("tcsetattr") }
  }

  /// The count that a call returned; 0 if it would have blocked.
  @discardableResult
  private static func check(_ result: sp_return, _ call: String) throws(LinkError) -> Int {
    if result.rawValue >= 0 { return Int(result.rawValue) }
    if errno == EAGAIN || errno == EINTR { return 0 }
    throw failure(call)
  }

  private static func failure(_ call: String) -> LinkError {
    switch errno {
    case EIO, ENXIO, ENODEV: .disconnected
    default: .io(call: call, errno: errno)
    }
  }

  /// Why a port could not be opened.
  private static func refusal(_ code: Int32, _ path: String) -> LinkError {
    switch code {
    case EACCES, EPERM: .denied(address: path)
    case EBUSY, EWOULDBLOCK: .busy(address: path, by: HostSystem().holders(of: path).first)
    case ENOENT, ENXIO, ENODEV: .unreachable(address: path, reason: "no such port")
    default: .unreachable(address: path, reason: String(cString: strerror(code)))
    }
  }
}

extension SerialSettings.Parity {
  fileprivate var value: sp_parity {
    switch self {
    case .none: SP_PARITY_NONE
    case .even: SP_PARITY_EVEN
    case .odd: SP_PARITY_ODD
    }
  }
}

extension SerialSettings.ControlLine {
  fileprivate var level: Bool? {
    switch self {
    case .on: true
    case .off: false
    case .leave: nil
    }
  }
}
