/// The timing of a device's pulses in a program, to limit their duty cycle, also if every pulse is
/// a train of its own.
struct Pace {
  /// Duration of the program so far, in seconds.
  private var duration = 0.0
  /// Seconds before its first pulse; nil if it has none.
  private var lead: Double?
  /// Width of the last pulse and time since its end, in seconds.
  private var (width, rest) = (0.0, 0.0)
  /// The largest ratio of pulse width to the time between the starts of consecutive pulses; for a
  /// train, of its slots.
  private(set) var duty = 0.0

  /// - Parameters:
  ///   - steps: the steps of a program.
  ///   - isReached: whether a line of a train is one of the device's.
  init(_ steps: [Step], where isReached: (PulseTrain) -> Bool) {
    for step in steps {
      switch step {
      case .train(let train):
        guard train.slots > 0, isReached(train) else {
          pass(train.duration)
          continue
        }
        add(Pace(train))
      case .read(let reading): pass(reading.integration)
      case .rest(let seconds): pass(seconds)
      case .repeat(let times, let body):
        guard times > 0 else { continue }
        let once = Pace(body, where: isReached)
        add(once)
        // Rounds are identical, so one transition between rounds represents all.
        if times > 1 { add(once) }
        if times > 2 { duration += Double(times - 2) * once.duration }
      }
    }
  }

  private init(_ train: PulseTrain) {
    duration = train.duration
    lead = 0
    (width, rest) = (train.width, train.gap)
    if train.slots > 1 { duty = train.width / (train.width + train.gap) }
  }

  private mutating func pass(_ seconds: Double) {
    duration += seconds
    rest += seconds
  }

  private mutating func add(_ next: Pace) {
    guard let first = next.lead else { return pass(next.duration) }
    if lead == nil {
      lead = duration + first
    } else {
      duty = max(duty, width / (width + rest + first))
    }
    duration += next.duration
    (width, rest) = (next.width, next.rest)
    duty = max(duty, next.duty)
  }
}
