extension USBTMCLink {
  public var recoverySteps: [RecoveryStep] {
    var steps: [RecoveryStep] = [.abort]
    if !quirks.contains(.noClear) { steps.append(.clear) }
    steps.append(.clearHalts)
    if quirks.contains(.reset) { steps.append(.reset) }
    return steps + [.reopen]
  }

  /// Performs one recovery step: abort, INITIATE_CLEAR (USBTMC 1.00, 4.2.1.6), clearing the halt
  /// condition of both bulk endpoints, or a USB reset.
  ///
  /// - Throws: ``LinkError``.
  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    let handle = try usable()
    switch step {
    case .abort: try settle(deadline)
    case .clear:
      guard !quirks.contains(.noClear) else { throw .unsupported(step.title) }
      try clear(handle, deadline)
    case .clearHalts:
      try handle.clearHalt(handle.interface.endpoints.output, deadline: deadline)
      try handle.clearHalt(handle.interface.endpoints.input, deadline: deadline)
    case .reset: try handle.reset()
    case .reopen: throw .unsupported(step.title)
    }
    trouble = nil
    forgetReceived()
  }

  /// Cleans up after a call that failed.
  ///
  /// - Parameter interruptible: false if an interrupt is the reason.
  /// - Throws: ``LinkError``; then the cleanup is still pending.
  func settle(_ deadline: Deadline, interruptible: Bool = true) throws(LinkError) {
    guard let trouble else { return }
    let handle = try handleForSettling()
    switch trouble {
    case .input(let tag): try abortInput(tag, handle, deadline, interruptible)
    case .output(let tag): try abortOutput(tag, handle, deadline, interruptible)
    case .halted(let input):
      let endpoints = handle.interface.endpoints
      try handle.clearHalt(
        input ? endpoints.input : endpoints.output, deadline: deadline,
        interruptible: interruptible)
      // A halted bulk-OUT means that the message was rejected (USBTMC 1.00, 3.2.2.2): the device
      // must discard the accepted part.
      if !input, !quirks.contains(.noClear) { try clear(handle, deadline, interruptible) }
    }
    self.trouble = nil
  }

  // MARK: Inside

  /// Maximum number of polls in a loop, whatever the device reports.
  private static let mostLooks = 100
  /// Seconds between polls of a pending operation.
  private static let lookPeriod = 0.02
  /// Seconds for a device to send remaining bytes.
  private static let drainTime = 0.3

  /// Aborts the reply to a request (USBTMC 1.00, 4.2.1.4 and 4.2.1.5).
  private func abortInput(
    _ tag: UInt8, _ handle: USBHandle, _ deadline: Deadline, _ interruptible: Bool
  ) throws(LinkError) {
    let endpoint = handle.interface.endpoints.input
    for attempt in 0..<2 {
      let reply: [UInt8]
      do throws(LinkError) {
        reply = try handle.ask(
          USBTMCRequest.abortInput, value: UInt16(tag), endpoint: endpoint, count: 2,
          deadline: deadline, interruptible: interruptible)
      } catch .stalled {
        // Aborting is not supported; the remaining bytes are read and discarded.
        return try drain(handle, deadline, interruptible)
      }
      switch reply.first.flatMap(USBTMCStatus.init) {
      case .success:
        try drain(handle, deadline, interruptible)
        return try wait(
          for: USBTMCRequest.checkAbortInput, endpoint: endpoint, handle, deadline, interruptible)
      case .notInProgress where attempt == 0:
        // Another reply must be read first.
        try drain(handle, deadline, interruptible)
      default: return
      }
    }
  }

  /// Aborts a message (USBTMC 1.00, 4.2.1.2 and 4.2.1.3).
  private func abortOutput(
    _ tag: UInt8, _ handle: USBHandle, _ deadline: Deadline, _ interruptible: Bool
  ) throws(LinkError) {
    let endpoint = handle.interface.endpoints.output
    do throws(LinkError) {
      let reply = try handle.ask(
        USBTMCRequest.abortOutput, value: UInt16(tag), endpoint: endpoint, count: 2,
        deadline: deadline, interruptible: interruptible)
      guard reply.first == USBTMCStatus.success.rawValue else { return }
      try wait(
        for: USBTMCRequest.checkAbortOutput, endpoint: endpoint, handle, deadline, interruptible)
    } catch .stalled {
    }
    try handle.clearHalt(endpoint, deadline: deadline, interruptible: interruptible)
  }

  private func clear(
    _ handle: USBHandle, _ deadline: Deadline, _ interruptible: Bool = true
  ) throws(LinkError) {
    let reply = try handle.ask(
      USBTMCRequest.clear, count: 1, deadline: deadline, interruptible: interruptible)
    guard reply.first == USBTMCStatus.success.rawValue else {
      throw .stalled("the device clear")
    }
    try wait(for: USBTMCRequest.checkClear, endpoint: nil, handle, deadline, interruptible)
    try handle.clearHalt(
      handle.interface.endpoints.output, deadline: deadline, interruptible: interruptible)
  }

  /// Polls an operation until it is no longer pending. Reads bytes that the device wants to send
  /// first, because some devices wait for that forever.
  private func wait(
    for request: UInt8, endpoint: UInt8?, _ handle: USBHandle, _ deadline: Deadline,
    _ interruptible: Bool
  ) throws(LinkError) {
    for _ in 0..<Self.mostLooks {
      let reply = try handle.ask(
        request, endpoint: endpoint, count: endpoint == nil ? 2 : 8, deadline: deadline,
        interruptible: interruptible)
      guard reply.first == USBTMCStatus.pending.rawValue else { return }
      if request != USBTMCRequest.checkAbortOutput, reply.count > 1, reply[1] & 1 != 0 {
        try drain(handle, deadline, interruptible)
      } else {
        let pause = min(Self.lookPeriod, deadline.remaining)
        if interruptible {
          if interrupt.isFired(within: pause) { throw .interrupted }
        } else {
          try handle.pause(pause)
        }
      }
      if deadline.remaining <= 0 { throw .timeout(received: 0) }
    }
    throw .timeout(received: 0)
  }

  /// Reads until a short packet marks the end, or nothing arrives.
  private func drain(
    _ handle: USBHandle, _ deadline: Deadline, _ interruptible: Bool
  ) throws(LinkError) {
    // A device with nothing to send need not send a short packet, so time must be left for a query.
    let end = Deadline.after(min(Self.drainTime, deadline.remaining / 3))
    let packet = handle.interface.endpoints.packet
    for _ in 0..<Self.mostLooks {
      do throws(LinkError) {
        let room = 64 * packet
        if try handle.read(room, deadline: end, interruptible: interruptible).count < room {
          return
        }
      } catch .timeout {
        return
      } catch .stalled {
        return try handle.clearHalt(
          handle.interface.endpoints.input, deadline: deadline, interruptible: interruptible)
      }
    }
  }
}
