/// The readings that a meter stores: those of its latest trigger, and a buffer that fills once each
/// time it is enabled (SCPI-99, TRACe:FEED:CONTrol NEXT).
struct ReadingMemory {
  /// The elements of the latest readings, concatenated, equally many for each.
  private(set) var latest: [SettingValue] = []
  /// The elements of the buffered readings and, in a ring buffer, of some dropped ones before them.
  private var held: [SettingValue] = []
  private var count = 0
  /// The capacity of the buffer in readings; nil while it is disabled.
  private var room: Int?
  /// Whether the buffer is a ring buffer.
  private var isEndless = false
  /// Events since the last query: bits of the measurement event register (2400S-900-01, 15-14).
  private var events = 0

  private static let available = 1 << 6
  private static let bufferAvailable = 1 << 8
  private static let bufferFull = 1 << 9

  /// The elements of the buffered readings.
  var stored: ArraySlice<SettingValue> {
    guard isEndless, let room, count > room else { return held[...] }
    return held.suffix(room * (held.count / count))
  }

  /// Whether the buffer is enabled.
  var isFed: Bool { room != nil }

  mutating func takeEvents() -> Int {
    defer { events = 0 }
    return events
  }

  /// Starts a trigger.
  mutating func begin() { latest = [] }

  mutating func add(_ reading: [SettingValue]) {
    latest += reading
    events |= Self.available
    guard let room else { return }
    held += reading
    count += 1
    if isEndless {
      if count >= 2 * room { (held, count) = (Array(held.suffix(room * reading.count)), room) }
      return
    }
    if count >= 2 { events |= Self.bufferAvailable }
    if count >= room {
      events |= Self.bufferFull
      self.room = nil
    }
  }

  mutating func clear() { (held, count) = ([], 0) }

  /// Clears the buffer and enables it for this number of readings.
  mutating func feed(_ readings: Int) {
    clear()
    (room, isEndless) = (readings, false)
  }

  /// Enables it as a ring buffer for the newest readings.
  mutating func feedEndlessly(_ readings: Int) { (room, isEndless) = (max(readings, 1), true) }

  mutating func stopFeeding() { room = nil }
}
