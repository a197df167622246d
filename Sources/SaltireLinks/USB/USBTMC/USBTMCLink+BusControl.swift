/// The requests and the message that USB488 adds to USBTMC.
extension USBTMCLink: BusControl {
  /// Uses READ_STATUS_BYTE (USB488 1.00, 4.3.1). If the device has an interrupt endpoint, the byte
  /// arrives there.
  ///
  /// - Throws: ``LinkError``.
  public func statusByte(deadline: Deadline) throws(LinkError) -> UInt8 {
    let handle = try usable()
    let tag = nextStatusTag()
    let isNotified = handle.interface.endpoints.notification != nil
    while true {
      // Listens first, because the byte arrives before the reply to the request.
      if isNotified { try note(handle) }
      let reply = try asking("status byte") { () throws(LinkError) in
        try handle.ask(
          USBTMCRequest.statusByte, value: UInt16(tag), count: 3, deadline: deadline)
      }
      switch reply.first.flatMap(USBTMCStatus.init) {
      case .success where reply.count >= 3 && !isNotified: return reply[2]
      case .success where isNotified: return try noted(tag, handle, deadline)
      // An earlier notification was not read; listening reads it.
      case .notificationBusy: try pause(handle, deadline)
      default: throw .unsupported("status byte")
      }
    }
  }

  /// The status byte that the device sent with a service request (USB488 1.00, 3.4.1); nil if there
  /// was none before the deadline.
  ///
  /// - Throws: ``LinkError``; ``LinkError/unsupported(_:)`` for a device without an interrupt
  ///   endpoint.
  public func serviceRequest(deadline: Deadline) throws(LinkError) -> UInt8? {
    let handle = try usable()
    guard handle.interface.endpoints.notification != nil else {
      throw .unsupported("service request")
    }
    while true {
      try note(handle)
      if let status = takeServiceRequest() { return status }
      if deadline.remaining <= 0 { return nil }
      try pause(handle, deadline)
    }
  }

  /// Uses the message TRIGGER (USB488 1.00, 3.2.1.1).
  ///
  /// - Throws: ``LinkError``.
  public func trigger(deadline: Deadline) throws(LinkError) {
    guard capabilities.triggers else { throw .unsupported("trigger") }
    try sendTrigger(deadline: deadline)
  }

  /// Uses REN_CONTROL (USB488 1.00, 4.3.2).
  ///
  /// - Throws: ``LinkError``.
  public func goToRemote(deadline: Deadline) throws(LinkError) {
    try setRemote(USBTMCRequest.remote, value: 1, "switch to remote", deadline)
  }

  /// Uses GO_TO_LOCAL (USB488 1.00, 4.3.3).
  ///
  /// - Throws: ``LinkError``.
  public func goToLocal(deadline: Deadline) throws(LinkError) {
    try setRemote(USBTMCRequest.local, value: 0, "switch to local", deadline)
  }

  private func setRemote(
    _ request: UInt8, value: UInt16, _ name: String, _ deadline: Deadline
  ) throws(LinkError) {
    let handle = try usable()
    guard capabilities.goesRemote, !quirks.contains(.noRemote) else { throw .unsupported(name) }
    let reply = try asking(name) { () throws(LinkError) in
      try handle.ask(request, value: value, count: 1, deadline: deadline)
    }
    guard reply.first == USBTMCStatus.success.rawValue else { throw .stalled("mode change") }
  }

  /// A stalled request is one that the device does not support.
  private func asking(
    _ name: String, _ body: () throws(LinkError) -> [UInt8]
  ) throws(LinkError) -> [UInt8] {
    do throws(LinkError) {
      return try body()
    } catch .stalled {
      throw .unsupported(name)
    }
  }

  /// Waits for the notification with this tag.
  private func noted(
    _ tag: UInt8, _ handle: USBHandle, _ deadline: Deadline
  ) throws(LinkError) -> UInt8 {
    while true {
      try note(handle)
      if let status = takeStatus(tag) { return status }
      try pause(handle, deadline)
    }
  }

  private func pause(_ handle: USBHandle, _ deadline: Deadline) throws(LinkError) {
    if interrupt.isFired { throw .interrupted }
    if deadline.remaining <= 0 { throw .timeout(received: 0) }
    try handle.pause(min(0.005, deadline.remaining))
  }
}
