extension USBTMCLink {
  public var recoverySteps: [RecoveryStep] {
    var steps: [RecoveryStep] = [.abort]
    if !quirks.contains(.noClear) { steps.append(.clear) }
    steps.append(.clearHalts)
    if quirks.contains(.reset) { steps.append(.reset) }
    return steps + [.reopen]
  }

  /// Takes one step: aborting what is under way, INITIATE_CLEAR (USBTMC 1.00,
  /// 4.2.1.6), letting both bulk endpoints move again, a reset over USB.
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

  /// Puts right what the last call left unfinished.
  ///
  /// - Parameter interruptible: false where an interrupt is the reason.
  /// - Throws: ``LinkError``; then it is still to be done.
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
      // A halted bulk-OUT says that the message was refused (USBTMC 1.00,
      // 3.2.2.2): what of it was taken must be forgotten.
      if !input, !quirks.contains(.noClear) { try clear(handle, deadline, interruptible) }
    }
    self.trouble = nil
  }

  // MARK: Inside

  /// Looks that any loop makes at most, whatever the device says.
  private static let mostLooks = 100
  /// Seconds between looks at something that takes its time.
  private static let lookPeriod = 0.02
  /// Seconds for a device to send what it still has.
  private static let drainTime = 0.3

  /// Ends the reply to a request (USBTMC 1.00, 4.2.1.4 and 4.2.1.5).
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
        // It cannot be asked to; what it has is taken and dropped.
        return try drain(handle, deadline, interruptible)
      }
      switch reply.first.flatMap(USBTMCStatus.init) {
      case .success:
        try drain(handle, deadline, interruptible)
        return try wait(
          for: USBTMCRequest.checkAbortInput, endpoint: endpoint, handle, deadline, interruptible)
      case .notInProgress where attempt == 0:
        // Another reply is in the way.
        try drain(handle, deadline, interruptible)
      default: return
      }
    }
  }

  /// Ends a message (USBTMC 1.00, 4.2.1.2 and 4.2.1.3).
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

  /// Looks at what was initiated until it is no longer pending, and takes what
  /// the device wants to be rid of first: some wait for that for ever.
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

  /// Takes what comes until a short packet says that it was all, or nothing
  /// comes.
  private func drain(
    _ handle: USBHandle, _ deadline: Deadline, _ interruptible: Bool
  ) throws(LinkError) {
    // One that has nothing to send need not end it either: time must be left
    // to ask it.
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
