import CUSB
import Foundation

/// An opened device with one of its interfaces claimed.
///
/// Transfers go through libusb's asynchronous calls: what waits for one can be
/// interrupted, and no transfer is left behind.
final class USBHandle {
  var interface: USBInterface { claim.interface }
  private let claim: USBClaim
  private let interrupt: LinkInterrupt
  private let output: USBTransfer
  private let input: USBTransfer
  private let setup: USBTransfer
  /// Waits for what the device tells by itself; nil until asked for.
  private var listener: USBTransfer?
  private var notifications: [[UInt8]] = []
  private var descriptors: [pollfd] = []

  /// Seconds for a transfer to come back once it is cancelled.
  private static let patience = 1.0
  private static let setupSize = 8
  /// Unheard notifications that are kept.
  private static let mostNotifications = 64

  /// Opens the device that `fits` picks, the only one, and takes its
  /// interface from the kernel's driver, which gets it back on closing.
  /// Nothing is sent to it.
  ///
  /// - Throws: ``LinkError``.
  init(
    _ address: String, interrupt: LinkInterrupt, fits: (USBInterface) -> Bool
  ) throws(LinkError) {
    claim = try USBClaim(address, fits: fits)
    self.interrupt = interrupt
    let endpoints = claim.interface.endpoints
    output = try USBTransfer(
      claim, endpoint: endpoints.output, kind: LIBUSB_TRANSFER_TYPE_BULK)
    input = try USBTransfer(
      claim, endpoint: endpoints.input, kind: LIBUSB_TRANSFER_TYPE_BULK)
    setup = try USBTransfer(claim, endpoint: 0, kind: LIBUSB_TRANSFER_TYPE_CONTROL)
    descriptors = pollDescriptors()
  }

  deinit { if let listener { try? cancel(listener) } }

  // MARK: Transfers

  /// Sends bytes to bulk-OUT.
  ///
  /// - Throws: ``LinkError``; after a timeout or an interrupt a part was sent.
  func write(_ bytes: [UInt8], deadline: Deadline) throws(LinkError) {
    try output.fill(bytes)
    try run(output, deadline)
    guard output.count == bytes.count else {
      throw isPresent
        ? .malformed("\(output.count) of \(bytes.count) bytes were taken") : .disconnected
    }
  }

  /// Takes one transfer from bulk-IN, of up to `count` bytes.
  ///
  /// - Returns: what came, good until the next transfer. A device that does
  ///   not end a transfer of whole packets is waited for in vain: then what
  ///   came before the deadline.
  /// - Throws: ``LinkError``.
  func read(
    _ count: Int, deadline: Deadline, interruptible: Bool = true
  ) throws(LinkError) -> UnsafeRawBufferPointer {
    try input.reserve(count)
    input.raw.pointee.length = Int32(count)
    do throws(LinkError) {
      try run(input, deadline, interruptible: interruptible)
    } catch .timeout where input.count > 0 {
    }
    return input.received
  }

  /// A control request of the class with an answer.
  ///
  /// - Parameters:
  ///   - request: its number.
  ///   - endpoint: the endpoint it is about; nil for the interface.
  /// - Returns: what came of the `count` bytes asked for.
  /// - Throws: ``LinkError/stalled(_:)`` where the device does not know it;
  ///   others.
  func ask(
    _ request: UInt8, value: UInt16 = 0, endpoint: UInt8? = nil, count: Int, deadline: Deadline,
    interruptible: Bool = true
  ) throws(LinkError) -> [UInt8] {
    // Class request to the host; recipient interface or endpoint (USB 2.0, 9.3).
    try control(
      endpoint == nil ? 0xA1 : 0xA2, request, value: value, index: endpoint ?? interface.number,
      count: count, deadline, interruptible)
  }

  private func control(
    _ type: UInt8, _ request: UInt8, value: UInt16 = 0, index: UInt8, count: Int,
    _ deadline: Deadline, _ interruptible: Bool
  ) throws(LinkError) -> [UInt8] {
    try setup.fill(
      [
        type, request, UInt8(truncatingIfNeeded: value), UInt8(value >> 8), index, 0, UInt8(count),
        0,
      ] + [UInt8](repeating: 0, count: count))
    try run(setup, deadline, interruptible: interruptible)
    return Array(setup.buffer[Self.setupSize..<(Self.setupSize + setup.count)])
  }

  /// Waits, and lets what comes in meanwhile come.
  func pause(_ seconds: Double) throws(LinkError) {
    try handleEvents(within: seconds, interruptible: false)
  }

  /// What the device told by itself, first come first; nil when nothing is
  /// there, or it has no endpoint for that.
  ///
  /// - Throws: ``LinkError``.
  func notification() throws(LinkError) -> [UInt8]? {
    guard let endpoint = interface.endpoints.notification else { return nil }
    if listener == nil {
      let transfer = try USBTransfer(
        claim, endpoint: endpoint, kind: LIBUSB_TRANSFER_TYPE_INTERRUPT)
      try transfer.fill([UInt8](repeating: 0, count: interface.endpoints.notificationSize))
      try transfer.submit()
      listener = transfer
    }
    try handleEvents(within: 0, interruptible: false)
    return notifications.isEmpty ? nil : notifications.removeFirst()
  }

  /// Lets an endpoint that is halted move again.
  ///
  /// - Throws: ``LinkError``.
  func clearHalt(
    _ endpoint: UInt8, deadline: Deadline, interruptible: Bool = true
  ) throws(LinkError) {
    // The call below waits for the device for seconds, whatever anybody wants:
    // so first it is seen whether the device answers (GET_STATUS, USB 2.0, 9.4.5).
    do throws(LinkError) {
      _ = try control(0x82, 0, index: endpoint, count: 2, deadline, interruptible)
    } catch .stalled {
    }
    let status = libusb_clear_halt(claim.handle, endpoint)
    guard status == 0 else { throw USBSystem.error(status, "libusb_clear_halt") }
  }

  /// Resets the device as if it were plugged in anew.
  ///
  /// - Throws: ``LinkError/disconnected`` where it comes back as another
  ///   device; others.
  func reset() throws(LinkError) {
    let status = libusb_reset_device(claim.handle)
    guard status == 0 else {
      // It has to be found anew (libusb_reset_device).
      if status == LIBUSB_ERROR_NOT_FOUND.rawValue { throw .disconnected }
      throw USBSystem.error(status, "libusb_reset_device")
    }
  }

  // MARK: Inside

  /// Submits a transfer and waits until it has come back.
  private func run(
    _ transfer: USBTransfer, _ deadline: Deadline, interruptible: Bool = true
  ) throws(LinkError) {
    if interruptible, interrupt.isFired { throw .interrupted }
    try transfer.submit()
    while transfer.isUnderWay {
      let remaining = deadline.remaining
      let isInterrupted = interruptible && interrupt.isFired
      if isInterrupted || remaining <= 0 {
        try cancel(transfer)
        // What came at the last moment has come, and the device knows it.
        if transfer.raw.pointee.status == LIBUSB_TRANSFER_COMPLETED { return }
        throw isInterrupted ? .interrupted : .timeout(received: 0)
      }
      try handleEvents(within: remaining, interruptible: interruptible)
    }
    switch transfer.raw.pointee.status {
    case LIBUSB_TRANSFER_COMPLETED: return
    case LIBUSB_TRANSFER_STALL: throw .stalled("a transfer")
    case LIBUSB_TRANSFER_NO_DEVICE: throw .disconnected
    case LIBUSB_TRANSFER_OVERFLOW: throw .malformed("more bytes than there was room for")
    case LIBUSB_TRANSFER_CANCELLED: throw .interrupted
    default: throw isPresent ? .io(call: "USB transfer", errno: EIO) : .disconnected
    }
  }

  private func cancel(_ transfer: USBTransfer) throws(LinkError) {
    libusb_cancel_transfer(transfer.raw)
    let end = Deadline.after(Self.patience)
    while transfer.isUnderWay, end.remaining > 0 {
      try handleEvents(within: end.remaining, interruptible: false)
    }
    // Its buffer is the kernel's until it comes back.
    if transfer.isUnderWay { throw .disconnected }
  }

  private func handleEvents(within seconds: Double, interruptible: Bool) throws(LinkError) {
    if interruptible {
      let count = poll(
        &descriptors, nfds_t(descriptors.count), Int32(min((seconds * 1000).rounded(.up), 1e6)))
      if count < 0, errno != EINTR { throw .io(call: "poll", errno: errno) }
      guard count > 0, descriptors.last?.revents == 0 else { return }
    }
    var time = timeval(tv_sec: 0, tv_usec: 0)
    if !interruptible {
      time.tv_usec = suseconds_t(min(seconds, 0.05) * 1e6)
    }
    let status = libusb_handle_events_timeout_completed(claim.system.context, &time, nil)
    guard status == 0 || status == LIBUSB_ERROR_INTERRUPTED.rawValue else {
      throw USBSystem.error(status, "libusb_handle_events")
    }
    try hear()
  }

  /// Keeps what the listener brought, and has it listen on.
  private func hear() throws(LinkError) {
    guard let listener, !listener.isUnderWay else { return }
    switch listener.raw.pointee.status {
    case LIBUSB_TRANSFER_COMPLETED:
      notifications.append(Array(listener.received))
      if notifications.count > Self.mostNotifications { notifications.removeFirst() }
      try listener.submit()
    default: self.listener = nil
    }
  }

  /// Whether the device is still there, after a transfer failed without a
  /// reason: one that leaves may be noticed by the kernel only later.
  private var isPresent: Bool {
    for _ in 0..<4 {
      var status: [UInt8] = [0, 0]
      // GET_STATUS of the device (USB 2.0, 9.4.5).
      let result = libusb_control_transfer(claim.handle, 0x80, 0, 0, 0, &status, 2, 50)
      if result >= 0 { return true }
      if result == LIBUSB_ERROR_NO_DEVICE.rawValue || access(interface.node, F_OK) != 0 {
        return false
      }
      try? pause(0.02)
    }
    return true
  }

  /// What to poll for libusb, and for the interrupt at the end.
  private func pollDescriptors() -> [pollfd] {
    var found: [pollfd] = []
    if let list = libusb_get_pollfds(claim.system.context) {
      var next = list
      while let item = next.pointee {
        found.append(pollfd(fd: item.pointee.fd, events: item.pointee.events, revents: 0))
        next += 1
      }
      libusb_free_pollfds(list)
    }
    return found + [pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0)]
  }
}
