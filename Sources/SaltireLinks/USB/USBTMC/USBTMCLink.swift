import Foundation

/// A link to a USBTMC or USB488 instrument, by libusb.
///
/// A message is one transfer; a reply is asked for, checked and put together
/// from as many transfers as it takes. A request whose reply did not come is
/// aborted before anything else is asked. Opening sends nothing but the
/// question what the device can do.
public final class USBTMCLink: Link {
  public let interrupt: LinkInterrupt
  let quirks: Set<USBTMCQuirk>
  /// Nil when closed.
  private var opened: USBHandle?
  private(set) var capabilities = USBTMCCapabilities()
  private var tag: UInt8 = 0
  private var pending = MessageBuffer()
  /// Whether a message ends with the last of the pending bytes.
  private var isWhole = false
  private var message: [UInt8] = []
  private var statusTag: UInt8 = 1
  /// Status bytes that came by themselves, by the tag that asked for them.
  private var statuses: [UInt8: UInt8] = [:]
  private var serviceRequest: UInt8?
  /// What has to be put right before anything else.
  var trouble: Trouble?

  /// What was left unfinished.
  enum Trouble: Equatable {
    /// The reply to the request of this tag.
    case input(tag: UInt8)
    /// The message of this tag.
    case output(tag: UInt8)
    /// The device halted an endpoint.
    case halted(input: Bool)

    var isInput: Bool { if case .input = self { true } else { false } }
  }

  /// Bytes of content in one transfer to the device.
  private static let largestOutput = 1 << 20
  /// Bytes that a first request asks for, and one that goes on. The first fits
  /// into one of libusb's own requests, of 16 KiB: where a device refuses the
  /// first of several, libusb can take that for an empty transfer.
  private static let firstRequest = 15 << 10, nextRequest = 1 << 20
  /// Seconds that putting right may take behind a call that failed.
  private static let afterthought = 0.08

  /// Finds the device and takes it from the kernel's driver.
  ///
  /// - Parameters:
  ///   - resource: of the kind ``Resource/usb(vendor:product:serial:interface:)``.
  ///     Without a serial number there must be just one of the kind.
  ///   - quirks: where it departs from the standard.
  /// - Throws: ``LinkError``.
  public init(_ resource: Resource, quirks: Set<USBTMCQuirk> = []) throws(LinkError) {
    guard case .usb(let vendor, let product, let serial, let number) = resource else {
      throw .unreachable(address: resource.description, reason: "not an address on USB")
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
    // What came before is nobody's answer any more.
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

  /// The next message, up to the terminator. The device's own end of a message
  /// ends it too; one that came without its terminator gets it here.
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

  /// A trigger message, which is no answer's question.
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

  /// Asks for the next piece of a message and takes it.
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
    // What came of a reply that did not come whole is kept.
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
        throw .malformed("the tag \(late) where \(tag) is due")
      }
    }
  }

  // MARK: Putting right

  /// Does `body`; where that fails, what it leaves unfinished is put right,
  /// now if that is quick, otherwise before the next call.
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

  /// The handle, with nothing left unfinished.
  private func ready(_ deadline: Deadline) throws(LinkError) -> USBHandle {
    let handle = try usable()
    try settle(deadline)
    return handle
  }

  /// The handle, as it is.
  func usable() throws(LinkError) -> USBHandle {
    if opened != nil, interrupt.isFired { throw .interrupted }
    return try handleForSettling()
  }

  private func nextTag() -> UInt8 {
    tag = USBTMCMessage.tag(after: tag)
    return tag
  }

  /// The handle for putting right, which an interrupt does not keep from it.
  func handleForSettling() throws(LinkError) -> USBHandle {
    guard let opened else { throw .closed }
    return opened
  }

  /// Forgets what came and was not received.
  func forgetReceived() {
    pending.removeAll()
    isWhole = false
  }
}

// MARK: What the device tells by itself

extension USBTMCLink {
  /// Tags of status requests are 2 to 127 (USB488 1.00, 4.3.1.1).
  func nextStatusTag() -> UInt8 {
    statusTag = statusTag >= 127 ? 2 : statusTag + 1
    return statusTag
  }

  /// Takes the notifications that are there: tag and status byte, with tag 1
  /// for a request for service (USB488 1.00, 3.4).
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

  /// What a message that ends without it lacks.
  fileprivate var missing: [UInt8] {
    if case .byte(let byte) = self { [byte] } else { [] }
  }
}
