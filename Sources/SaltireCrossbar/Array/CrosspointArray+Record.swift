import SaltireCore
import SaltireDevices

extension CrosspointArray where Real == Float {
  /// Saves everything that pulses and time have changed; what was drawn is drawn again from the
  /// seed.
  func save(_ record: inout RecordWriter) {
    record.floats(devices.weight)
    if let apparent = devices.apparent { record.floats(apparent) }
    record.word(stream.epoch)
    record.count(pulses)
    record.count(agings)
    for device in aging {
      let history = device.history ?? Device.History(age: 0, lastWeight: 0)
      record.number(history.age)
      record.number(history.lastWeight)
    }
  }

  func restore(_ record: inout RecordReader) throws(RecordError) {
    try record.floats(into: devices.weight)
    if let apparent = devices.apparent { try record.floats(into: apparent) }
    stream.epoch = try record.word()
    pulses = try record.count()
    agings = try record.count()
    for index in aging.indices {
      aging[index].history = Device.History(
        age: try record.number(), lastWeight: try record.number())
    }
  }
}

extension RecordWriter {
  /// The bits of single-precision numbers, two in each word.
  mutating func floats(_ memory: Memory<Float>) {
    count(memory.padded)
    for index in stride(from: 0, to: memory.padded, by: 2) {
      word(UInt64(memory[index].bitPattern) | UInt64(memory[index + 1].bitPattern) << 32)
    }
  }
}

extension RecordReader {
  mutating func floats(into memory: Memory<Float>) throws(RecordError) {
    guard try count() == memory.padded else {
      throw RecordError(expected: "\(memory.padded) numbers")
    }
    for index in stride(from: 0, to: memory.padded, by: 2) {
      let word = try word()
      memory[index] = Float(bitPattern: UInt32(truncatingIfNeeded: word))
      memory[index + 1] = Float(bitPattern: UInt32(truncatingIfNeeded: word >> 32))
    }
  }
}
