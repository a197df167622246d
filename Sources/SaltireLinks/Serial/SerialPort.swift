import CSerialPort
import Foundation

/// An open serial port or pseudo-terminal.
///
/// libserialport opens and configures serial ports; it does not know pseudo-terminals. Bytes go
/// through the descriptor: the library's blocking calls cannot tell a disconnected port from a
/// silent one, and spin until their timeout.
struct SerialPort: BytePort {
  let descriptor: Int32
  /// Nil for a pseudo-terminal.
  private let port: OpaquePointer?
  private let clearByte: UInt8?
  /// Whether characters can pause either side.
  private let canBePaused: Bool
  private var isClaimed = false

  /// - Throws: ``LinkError/unreachable(address:reason:)``,
  ///   ``LinkError/busy(address:by:)``, ``LinkError/denied(address:)``,
  ///   ``LinkError/io(call:errno:)``.
  init(path: String, settings: SerialSettings) throws(LinkError) {
    (descriptor, port) = try Self.open(path)
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
      try Self.check(Int(tcflush(descriptor, TCIOFLUSH)), "tcflush")
    } catch {
      close()
      throw error
    }
  }

  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(LinkError) -> Int {
    try Self.check(Foundation.read(descriptor, buffer.baseAddress, buffer.count), "read")
  }

  func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(LinkError) -> Int {
    try Self.check(Foundation.write(descriptor, bytes.baseAddress, bytes.count), "write")
  }

  func reset() throws(LinkError) {
    try Self.check(Int(tcflush(descriptor, TCIOFLUSH)), "tcflush")
    if canBePaused { resume() }
    // There is space, because the output was just discarded.
    if var byte = clearByte { try Self.check(Foundation.write(descriptor, &byte, 1), "write") }
  }

  func close() {
    guard let port else {
      _ = Foundation.close(descriptor)
      return
    }
    if isClaimed { _ = ioctl(descriptor, UInt(TIOCNXCL)) }
    sp_close(port)
    sp_free_port(port)
  }

  // MARK: Inside

  private static func open(_ path: String) throws(LinkError) -> (Int32, OpaquePointer?) {
    // libserialport does not follow links, such as those in /dev/serial/by-id.
    let device = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var found: OpaquePointer?
    if sp_get_port_by_name(device, &found) == SP_OK, let found {
      guard sp_open(found, SP_MODE_READ_WRITE) == SP_OK else {
        let code = sp_last_error_code()
        sp_free_port(found)
        throw refusal(code, path)
      }
      var handle: Int32 = -1
      sp_get_port_handle(found, &handle)
      return (handle, found)
    }
    guard device.hasPrefix("/dev/pts/"), UInt32(device.dropFirst(9)) != nil else {
      throw .unreachable(
        address: path, reason: access(device, F_OK) == 0 ? "not a serial port" : "no such port")
    }
    let descriptor = Foundation.open(device, O_RDWR | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { throw refusal(errno, path) }
    return (descriptor, nil)
  }

  /// Prevents others from opening the port. The lock is for programs of the superuser, who can
  /// ignore exclusive mode, and for pseudo-terminals, whose other end keeps them in this mode when
  /// this program is killed.
  private mutating func claim(_ path: String) throws(LinkError) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0,
      port == nil || ioctl(descriptor, UInt(TIOCEXCL)) == 0
    else {
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
    guard let port else { return try makeRaw() }
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

  /// Makes a pseudo-terminal pass bytes unchanged, except for the characters that pause.
  private func makeRaw() throws(LinkError) {
    var terminal = termios()
    guard tcgetattr(descriptor, &terminal) == 0 else { throw Self.failure("tcgetattr") }
    cfmakeraw(&terminal)
    let pauses = tcflag_t(IXON | IXOFF)
    terminal.c_iflag = canBePaused ? terminal.c_iflag | pauses : terminal.c_iflag & ~pauses
    guard tcsetattr(descriptor, TCSANOW, &terminal) == 0 else { throw Self.failure("tcsetattr") }
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
  private static func check(_ result: Int, _ call: String) throws(LinkError) -> Int {
    if result >= 0 { return result }
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
