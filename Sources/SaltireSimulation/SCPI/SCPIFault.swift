/// An entry of a SCPI instrument's error queue: number and text from SCPI-99, volume 2, chapter 21.
struct SCPIFault: Error, Equatable {
  var code: Int
  var text: String

  init(_ code: Int, _ text: String) {
    self.code = code
    self.text = text
  }

  static let syntaxError = SCPIFault(-102, "Syntax error")
  static let invalidSeparator = SCPIFault(-103, "Invalid separator")
  static let dataType = SCPIFault(-104, "Data type error")
  static let parameterNotAllowed = SCPIFault(-108, "Parameter not allowed")
  static let missingParameter = SCPIFault(-109, "Missing parameter")
  static let undefinedHeader = SCPIFault(-113, "Undefined header")
  static let suffixOutOfRange = SCPIFault(-114, "Header suffix out of range")
  static let invalidSuffix = SCPIFault(-131, "Invalid suffix")
  static let invalidString = SCPIFault(-151, "Invalid string data")
  static let invalidBlock = SCPIFault(-161, "Invalid block data")
  static let outOfRange = SCPIFault(-222, "Data out of range")
  static let illegalParameter = SCPIFault(-224, "Illegal parameter value")
  static let outOfMemory = SCPIFault(-225, "Out of memory")
  static let stale = SCPIFault(-230, "Data corrupt or stale")
  static let systemError = SCPIFault(-310, "System error")
  static let queueOverflow = SCPIFault(-350, "Queue overflow")
  static let inputOverrun = SCPIFault(-363, "Input buffer overrun")
  static let deadlocked = SCPIFault(-430, "Query DEADLOCKED")
  /// Not an error: the query waits for a trigger.
  static let waiting = SCPIFault(0, "waiting")
  static let none = SCPIFault(0, "No error")

  /// The bit of the standard event register that it sets (SCPI-99, 21.8).
  var eventBit: UInt8 {
    switch code {
    case -199...(-100): 0x20
    case -299...(-200): 0x10
    case -499...(-400): 0x04
    default: 0x08
    }
  }
}

extension SCPIFault {
  init(_ fault: ChannelFault) {
    switch fault {
    case .outOfRange: self = .outOfRange
    // Specific to the 2400 (2400S-900-01, B-7).
    case .belowRange: self.init(822, "Too small for sense range")
    case .conflict(let what): self.init(-221, "Settings conflict; \(what)")
    case .waiting: self = .waiting
    case .exhausted: self = .systemError
    case .outputOff: self.init(803, "Not permitted with OUTPUT off")
    }
  }
}
