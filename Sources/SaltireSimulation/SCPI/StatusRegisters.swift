/// Error queue and status registers of an instrument (IEEE 488.2, chapter 11).
struct StatusRegisters {
  /// Oldest first.
  private(set) var errors: [SCPIFault] = []
  /// Entries that the queue holds.
  private let depth: Int
  /// Standard event status; set at power-on.
  private(set) var events: UInt8 = 0x80
  var eventEnable: UInt8 = 0
  var requestEnable: UInt8 = 0
  /// Measurement event status, and which of it the status byte tells.
  var measurements = 0
  var measurementEnable = 0

  init(depth: Int) { self.depth = depth }

  mutating func report(_ fault: SCPIFault) {
    events |= fault.eventBit
    if errors.count < depth {
      errors.append(fault)
    } else {
      // The newest is lost and its place says so.
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

  /// The status byte; bit 4, message available, is the caller's to know.
  var statusByte: UInt8 {
    var byte: UInt8 = errors.isEmpty ? 0 : 0x04
    if measurements & measurementEnable != 0 { byte |= 0x01 }
    if events & eventEnable != 0 { byte |= 0x20 }
    if byte & requestEnable & ~0x40 != 0 { byte |= 0x40 }
    return byte
  }
}
