/// When a device's pulses come in a program: what a limit of their duty is about,
/// also where every pulse is a train of its own.
struct Pace {
  /// Of the program so far, seconds.
  private var duration = 0.0
  /// Seconds before its first pulse; nil where there is none.
  private var lead: Double?
  /// The last pulse and what follows it, seconds.
  private var (width, rest) = (0.0, 0.0)
  /// The largest part of the time from one pulse's beginning to the next one's that
  /// the pulse lasts; that of a train is that of its slots.
  private(set) var duty = 0.0

  /// - Parameters:
  ///   - steps: a program's.
  ///   - isReached: whether a train's lines are those of the device.
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
        // From the end of one round to the beginning of the next; all are alike.
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
