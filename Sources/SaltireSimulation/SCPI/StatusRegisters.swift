/// Error queue and status registers of an instrument (IEEE 488.2, chapter 11).
struct StatusRegisters {
  /// Oldest first.
  private(set) var errors: [SCPIFault] = []
  /// The capacity of the queue.
  private let depth: Int
  /// Standard event status; set at power-on.
  private(set) var events: UInt8 = 0x80
  var eventEnable: UInt8 = 0
  var requestEnable: UInt8 = 0
  /// Measurement event status, and the mask that the status byte summarises.
  var measurements = 0
  var measurementEnable = 0

  init(depth: Int) { self.depth = depth }

  mutating func report(_ fault: SCPIFault) {
    events |= fault.eventBit
    if errors.count < depth {
      errors.append(fault)
    } else {
      // The newest error is lost and replaced by the overflow error.
      errors[depth - 1] = .queueOverflow
    }
  }

  mutating func nextError() -> SCPIFault {
    errors.isEmpty ? .none : errors.removeFirst()
  }

  mutating func complete() { events |= 0x01 }

  mutating func takeEvents() -> UInt8 {
    defer { events = 0 }
    return events
  }

  mutating func clear() {
    errors = []
    events = 0
    measurements = 0
  }

  mutating func takeMeasurements() -> Int {
    defer { measurements = 0 }
    return measurements
  }

  /// The status byte without bit 4 (message available), which the caller adds.
  var statusByte: UInt8 {
    var byte: UInt8 = errors.isEmpty ? 0 : 0x04
    if measurements & measurementEnable != 0 { byte |= 0x01 }
    if events & eventEnable != 0 { byte |= 0x20 }
    if byte & requestEnable & ~0x40 != 0 { byte |= 0x40 }
    return byte
  }
}
