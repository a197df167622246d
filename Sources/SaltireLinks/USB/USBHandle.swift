import CUSB
import Foundation

/// An open device with one of its interfaces claimed.
///
/// Transfers use libusb's asynchronous interface, so that a wait can be interrupted and no transfer
/// is left behind.
final class USBHandle {
  var interface: USBInterface { claim.interface }
  private let claim: USBClaim
  private let interrupt: LinkInterrupt
  private let output: USBTransfer
  private let input: USBTransfer
  private let setup: USBTransfer
  /// Receives notifications of the device; nil until needed.
  private var listener: USBTransfer?
  private var notifications: [[UInt8]] = []
  private var descriptors: [pollfd] = []

  /// Seconds for a cancelled transfer to return.
  private static let patience = 1.0
  private static let setupSize = 8
  /// Maximum number of pending notifications.
  private static let mostNotifications = 64

  /// Opens the only device that `fits` accepts, and detaches the kernel driver from its interface
  /// until the handle is closed. Sends nothing to the device.
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
        ? .malformed("\(output.count) of \(bytes.count) bytes were accepted") : .disconnected
    }
  }

  /// Receives one transfer of up to `count` bytes from bulk-IN.
  ///
  /// - Returns: the received bytes, valid until the next transfer. If a device does not end a
  ///   transfer of whole packets, the bytes received before the deadline.
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

  /// A class-specific control request with a reply.
  ///
  /// - Parameters:
  ///   - request: its number.
  ///   - endpoint: the endpoint it refers to; nil for the interface.
  /// - Returns: the reply, of at most `count` bytes.
  /// - Throws: ``LinkError/stalled(_:)`` if the device does not support it; other errors.
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

  /// Waits while processing incoming notifications.
  func pause(_ seconds: Double) throws(LinkError) {
    try handleEvents(within: seconds, interruptible: false)
  }

  /// The oldest pending notification; nil if there is none or the device has no interrupt endpoint.
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

  /// Clears the halt condition of an endpoint.
  func clearHalt(
    _ endpoint: UInt8, deadline: Deadline, interruptible: Bool = true
  ) throws(LinkError) {
    // The call below may block for seconds, so this first checks that the device responds
    // (GET_STATUS, USB 2.0, 9.4.5).
    do throws(LinkError) {
      _ = try control(0x82, 0, index: endpoint, count: 2, deadline, interruptible)
    } catch .stalled {
    }
    let status = libusb_clear_halt(claim.handle, endpoint)
    guard status == 0 else { throw USBSystem.error(status, "libusb_clear_halt") }
  }

  /// Resets the device as if it were reconnected.
  ///
  /// - Throws: ``LinkError/disconnected`` if it reappears as another device; other errors.
  func reset() throws(LinkError) {
    let status = libusb_reset_device(claim.handle)
    guard status == 0 else {
      // It must be found again (libusb_reset_device).
      if status == LIBUSB_ERROR_NOT_FOUND.rawValue { throw .disconnected }
      throw USBSystem.error(status, "libusb_reset_device")
    }
  }

  // MARK: Inside

  /// Submits a transfer and waits until it returns.
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
        // Bytes received at the last moment count, because the device considers them delivered.
        if transfer.raw.pointee.status == LIBUSB_TRANSFER_COMPLETED { return }
        throw isInterrupted ? .interrupted : .timeout(received: 0)
      }
      try handleEvents(within: remaining, interruptible: interruptible)
    }
    switch transfer.raw.pointee.status {
    case LIBUSB_TRANSFER_COMPLETED: return
    case LIBUSB_TRANSFER_STALL: throw .stalled("a transfer")
    case LIBUSB_TRANSFER_NO_DEVICE: throw .disconnected
    case LIBUSB_TRANSFER_OVERFLOW: throw .malformed("more bytes than requested")
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
    // Its buffer belongs to the kernel until it returns.
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

  /// Stores a notification and resubmits the listener.
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

  /// Whether the device is still connected, after a transfer failed without a reason: the kernel
  /// may notice a disconnected device late.
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

  /// The descriptors to poll for libusb, followed by the interrupt.
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
