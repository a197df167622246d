import Foundation

/// A link to a USBTMC or USB488 instrument through libusb.
///
/// A message is one transfer. A reply is requested, checked and assembled from as many transfers as
/// needed. A request without a reply is aborted before the next one. Opening sends only the query
/// for the capabilities.
public final class USBTMCLink: Link {
  public let interrupt: LinkInterrupt
  let quirks: Set<USBTMCQuirk>
  /// Nil when closed.
  private var opened: USBHandle?
  private(set) var capabilities = USBTMCCapabilities()
  private var tag: UInt8 = 0
  private var pending = MessageBuffer()
  /// Whether the pending bytes end a message.
  private var isWhole = false
  private var message: [UInt8] = []
  private var statusTag: UInt8 = 1
  /// Received status bytes, by the tag of their request.
  private var statuses: [UInt8: UInt8] = [:]
  private var serviceRequest: UInt8?
  /// What must be cleaned up first.
  var trouble: Trouble?

  /// The unfinished operation.
  enum Trouble: Equatable {
    /// The reply to the request with this tag.
    case input(tag: UInt8)
    /// The message with this tag.
    case output(tag: UInt8)
    /// The device halted an endpoint.
    case halted(input: Bool)

    var isInput: Bool { if case .input = self { true } else { false } }
  }

  /// Maximum content of one transfer to the device, in bytes.
  private static let largestOutput = 1 << 20
  /// Sizes in bytes of the first request and of later ones. The first fits into one libusb URB of
  /// 16 KiB: if a device rejects the first of several URBs, libusb may take that for an empty
  /// transfer.
  private static let firstRequest = 15 << 10, nextRequest = 1 << 20
  /// Seconds for the cleanup directly after a call that failed.
  private static let afterthought = 0.08

  /// Finds the device and detaches its kernel driver.
  ///
  /// - Parameters:
  ///   - resource: a ``Resource/usb(vendor:product:serial:interface:)``. Without a serial number
  ///     there must be only one matching device.
  ///   - quirks: its deviations from the standard.
  /// - Throws: ``LinkError``.
  public init(_ resource: Resource, quirks: Set<USBTMCQuirk> = []) throws(LinkError) {
    guard case .usb(let vendor, let product, let serial, let number) = resource else {
      throw .unreachable(address: resource.description, reason: "it is not a USB address")
    }
    let identifier = USBIdentifier(vendor: vendor, product: product)
    interrupt = try LinkInterrupt()
    self.quirks = quirks
    let handle = try USBHandle(resource.description, interrupt: interrupt) { interface in
      interface.identifier == identifier && (serial == nil || interface.serial == serial)
        && (number == nil || interface.number == number)
    }
    opened = handle
    capabilities = try USBTMCCapabilities(of: handle)
  }

  deinit { close() }

  public var isMessageBased: Bool { true }

  // MARK: Messages

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    let handle = try ready(deadline)
    // Earlier bytes are not replies to this message.
    forgetReceived()
    var rest = message[...]
    while !rest.isEmpty {
      let part = rest.prefix(Self.largestOutput)
      rest = rest.dropFirst(part.count)
      let tag = nextTag()
      USBTMCMessage.output(part, tag: tag, isLast: rest.isEmpty, into: &self.message)
      try putting(right: .output(tag: tag)) { () throws(LinkError) in
        try handle.write(self.message, deadline: deadline)
      }
    }
  }

  /// The next message, up to the terminator. The device's end of message ends it too; a missing
  /// terminator is appended.
  ///
  /// - Throws: ``LinkError``.
  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    let handle = try ready(deadline)
    var searched = 0
    var size = Self.firstRequest
    while true {
      if let message = pending.take(terminator, searched: searched) { return message }
      if isWhole, pending.count > 0, !terminator.isCount {
        return pending.takeAll() + terminator.missing
      }
      searched = pending.count
      if deadline.remaining <= 0 { throw .timeout(received: searched) }
      guard searched < MessageBuffer.limit else { throw .overrun(limit: MessageBuffer.limit) }
      do throws(LinkError) {
        try request(size, until: terminator, from: handle, deadline)
      } catch .timeout {
        throw .timeout(received: pending.count)
      }
      size = Self.nextRequest
    }
  }

  /// Sends a trigger message, which has no reply.
  func sendTrigger(deadline: Deadline) throws(LinkError) {
    let handle = try ready(deadline)
    let tag = nextTag()
    try putting(right: .output(tag: tag)) { () throws(LinkError) in
      try handle.write(USBTMCMessage.trigger(tag: tag), deadline: deadline)
    }
  }

  public func close() {
    guard opened != nil else { return }
    try? settle(.after(Self.afterthought), interruptible: false)
    opened = nil
  }

  /// Requests and receives the next part of a message.
  private func request(
    _ size: Int, until terminator: Terminator, from handle: USBHandle, _ deadline: Deadline
  ) throws(LinkError) {
    let tag = nextTag()
    var character: UInt8?
    if capabilities.endsAtCharacter, case .byte(let byte) = terminator, byte != 10 {
      character = byte
    }
    let request = USBTMCMessage.request(size, tag: tag, upTo: character)
    try putting(right: .output(tag: tag)) { () throws(LinkError) in
      try handle.write(request, deadline: deadline)
    }
    var reply = USBTMCReply(tag: tag, requested: size, quirks: quirks)
    let room = USBTMCMessage.room(for: size, packet: handle.interface.endpoints.packet)
    // The received part of an incomplete reply is kept.
    defer { pending.append(reply.content) }
    try putting(right: .input(tag: tag)) { () throws(LinkError) in
      do throws(LinkError) {
        while true {
          let bytes = try handle.read(room, deadline: deadline)
          if case .done(let isEnd) = try reply.add(bytes) {
            isWhole = isEnd
            return
          }
        }
      } catch .timeout(let count) {
        guard let late = reply.droppedTag else { throw .timeout(received: count) }
        throw .malformed("the tag \(late) instead of \(tag)")
      }
    }
  }

  // MARK: Cleanup

  /// Runs `body`; if it fails, cleans up, now if that is quick, otherwise before the next call.
  private func putting(
    right trouble: Trouble, _ body: () throws(LinkError) -> Void
  ) throws(LinkError) {
    do throws(LinkError) {
      try body()
    } catch {
      isWhole = false
      switch error {
      case .disconnected: throw error
      case .stalled: self.trouble = .halted(input: trouble.isInput)
      default: self.trouble = trouble
      }
      try? settle(.after(Self.afterthought), interruptible: false)
      throw error
    }
  }

  /// The handle, after any pending cleanup.
  private func ready(_ deadline: Deadline) throws(LinkError) -> USBHandle {
    let handle = try usable()
    try settle(deadline)
    return handle
  }

  /// The handle without cleanup.
  func usable() throws(LinkError) -> USBHandle {
    if opened != nil, interrupt.isFired { throw .interrupted }
    return try handleForSettling()
  }

  private func nextTag() -> UInt8 {
    tag = USBTMCMessage.tag(after: tag)
    return tag
  }

  /// The handle for the cleanup, which an interrupt does not prevent.
  func handleForSettling() throws(LinkError) -> USBHandle {
    guard let opened else { throw .closed }
    return opened
  }

  /// Discards received bytes.
  func forgetReceived() {
    pending.removeAll()
    isWhole = false
  }
}

// MARK: Notifications

extension USBTMCLink {
  /// Tags of status requests are 2 to 127 (USB488 1.00, 4.3.1.1).
  func nextStatusTag() -> UInt8 {
    statusTag = statusTag >= 127 ? 2 : statusTag + 1
    return statusTag
  }

  /// Reads pending notifications: tag and status byte; tag 1 is a service request (USB488 1.00,
  /// 3.4).
  func note(_ handle: USBHandle) throws(LinkError) {
    while let bytes = try handle.notification() {
      guard bytes.count == 2, bytes[0] & 0x80 != 0 else { continue }
      let tag = bytes[0] & 0x7F
      if tag == 1 { serviceRequest = bytes[1] } else { statuses[tag] = bytes[1] }
    }
  }

  func takeStatus(_ tag: UInt8) -> UInt8? { statuses.removeValue(forKey: tag) }

  func takeServiceRequest() -> UInt8? {
    defer { serviceRequest = nil }
    return serviceRequest
  }
}

extension Terminator {
  fileprivate var isCount: Bool { if case .count = self { true } else { false } }

  /// The missing terminator of a message.
  fileprivate var missing: [UInt8] {
    if case .byte(let byte) = self { [byte] } else { [] }
  }
}
