/// What a meter remembers of its readings: those of its latest trigger, and a
/// buffer that fills once each time it is told to (SCPI-99, TRACe:FEED:CONTrol
/// NEXT).
struct ReadingMemory {
  /// The elements of the latest readings behind one another, each as many.
  private(set) var latest: [SettingValue] = []
  /// The elements of those in the buffer, and of some before them where the
  /// oldest make room.
  private var held: [SettingValue] = []
  private var count = 0
  /// How many readings fill the buffer; nil while it takes none.
  private var room: Int?
  /// Whether the oldest makes room for the newest.
  private var isEndless = false
  /// What happened since this was asked last: bits of the measurement event
  /// register (2400S-900-01, 15-14).
  private var events = 0

  private static let available = 1 << 6
  private static let bufferAvailable = 1 << 8
  private static let bufferFull = 1 << 9

  /// The elements of those in the buffer.
  var stored: ArraySlice<SettingValue> {
    guard isEndless, let room, count > room else { return held[...] }
    return held.suffix(room * (held.count / count))
  }

  /// Whether the buffer takes readings.
  var isFed: Bool { room != nil }

  mutating func takeEvents() -> Int {
    defer { events = 0 }
    return events
  }

  /// A trigger begins.
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

  /// The next readings fill the buffer; what is in it goes.
  mutating func feed(_ readings: Int) {
    clear()
    (room, isEndless) = (readings, false)
  }

  /// It takes all readings from now on and keeps the newest.
  mutating func feedEndlessly(_ readings: Int) { (room, isEndless) = (max(readings, 1), true) }

  mutating func stopFeeding() { room = nil }
}
