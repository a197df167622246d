import SaltireCore
import SaltireSimulation

/// One fault in one run.
struct CampaignCase: Sendable, Hashable {
  /// The workload.
  enum Work: String, CaseIterable {
    case swords, swordsHostStepped = "swords, host-stepped", zeroShift = "zero-shift", shd
    /// Takes several seconds, for faults that need time.
    case longSwords = "long swords"

    static let short: [Work] = [.swords, .swordsHostStepped, .zeroShift, .shd]
  }

  /// The type of the links to the instruments.
  enum Transport: String, CaseIterable { case tcp = "TCP", pty, usb = "USB" }

  /// A fault of the run's process, its disk, its lab or an instrument.
  enum Fault: Sendable, Hashable {
    /// No fault, for reference.
    case none
    case signal(Signal)
    case diskFull
    /// A fault of an instrument.
    case instrument(LabFault.Kind)
    /// Between the end of the run and its resumption, the lab clock advances by an hour or the
    /// computer's calendar steps.
    case clock(Clock)
    /// A current limit that the device reaches.
    case compliance
    /// The terminal of the run stops accepting output.
    case terminal(Terminal)
    /// The instruments are unreachable for twenty seconds.
    case outage
    /// The session's file is deleted.
    case sessionDeleted
    /// The guardian is stopped.
    case guardianStopped
    /// Run and guardian are killed, one after the other.
    case bothKilled(runFirst: Bool)

    enum Terminal: String, CaseIterable {
      case frozen = "frozen terminal, SIGTERM"
      case frozenKilled = "frozen terminal, SIGKILL"
      case unread = "dead ssh, SIGHUP"
    }

    enum Clock: String, CaseIterable { case labGoesOn, calendarStepsBack }

    var name: String {
      switch self {
      case .none: "none"
      case .signal(let signal): signal.rawValue
      case .diskFull: "disk full"
      case .instrument(let kind): "instrument: \(kind.rawValue)"
      case .clock(.labGoesOn): "SIGINT, lab clock +1 h"
      case .clock(.calendarStepsBack): "SIGINT, calendar -1 d"
      case .compliance: "compliance"
      case .terminal(let terminal): terminal.rawValue
      case .outage: "outage of 20 s"
      case .sessionDeleted: "session deleted"
      case .guardianStopped: "guardian stopped"
      case .bothKilled(true): "run killed, then guardian"
      case .bothKilled(false): "guardian killed, then run"
      }
    }

    /// Whether the process hangs until its guardian takes over.
    var isHang: Bool { self == .signal(.stop) }

    /// Whether the run is on a terminal.
    var isOnTerminal: Bool { if case .terminal = self { true } else { false } }
  }

  enum Signal: String, CaseIterable {
    case interrupt = "SIGINT"
    case interruptTwice = "SIGINT twice"
    case terminate = "SIGTERM"
    case hangUp = "SIGHUP"
    case kill = "SIGKILL"
    case killHalfOpen = "SIGKILL, sockets stay"
    case killGroup = "SIGKILL of the group"
    case trap = "trap"
    case stop = "hang (SIGSTOP)"
  }

  var number: Int
  var work: Work
  var transport: Transport
  var fault: Fault
  /// The time of the fault in the run: the fraction of its lab time or, if negative, of its
  /// start-up.
  var moment: Double

  /// The space on the disk of its session in bytes; nil if the disk does not fill up.
  var diskRoom: Int? { fault == .diskFull ? Int(160_000 + max(0, moment) * 300_000) : nil }

  /// Instantaneous faults, and faults that last seconds: of a thousand cases, equally many of each
  /// kind.
  private static let (quick, slow): ([Fault], [Fault]) = (
    [
      .signal(.interrupt), .signal(.interruptTwice), .signal(.terminate), .signal(.hangUp),
      .signal(.kill), .signal(.killGroup), .signal(.trap), .signal(.stop), .diskFull,
      .clock(.labGoesOn), .clock(.calendarStepsBack), .compliance, .instrument(.disconnect),
      .instrument(.garbage), .instrument(.unsolicited), .instrument(.error), .instrument(.reboot),
      .instrument(.off), .instrument(.limit),
      .sessionDeleted, .bothKilled(runFirst: true), .bothKilled(runFirst: false),
    ],
    [
      .signal(.killHalfOpen), .instrument(.silent), .instrument(.replaced), .terminal(.frozen),
      .terminal(.frozenKilled), .terminal(.unread), .outage, .guardianStopped,
    ]
  )
  private static let (quickCases, slowCases) = (36, 26)

  /// The faults of a thousand cases, in random order.
  static func faults(_ random: inout RandomStream) -> [Fault] {
    var all =
      quick.flatMap { [Fault](repeating: $0, count: quickCases) }
      + slow.flatMap { [Fault](repeating: $0, count: slowCases) }
    for index in all.indices {
      all.swapAt(index, index + Int(random.uniform() * Double(all.count - index)))
    }
    return all
  }

  /// A case from the seed's stream for its number.
  init(
    _ number: Int, _ fault: Fault, _ transports: [Transport], _ random: inout RandomStream
  ) {
    self.number = number
    self.fault = fault
    work = Work.short[Int(random.uniform() * Double(Work.short.count))]
    transport = transports[Int(random.uniform() * Double(transports.count))]
    moment = random.uniform() * 1.1 - 0.1
    switch fault {
    // Half-open connections and outages exist only on sockets.
    case .signal(.killHalfOpen), .outage: transport = .tcp
    // A lost USB connection means a disconnected device, which cannot be reached afterwards.
    case .instrument(.disconnect), .instrument(.reboot), .instrument(.replaced):
      if transport == .usb { transport = .tcp }
    default: break
    }
    switch fault {
    // These faults need a run that has started and continues meanwhile.
    case .terminal, .outage, .sessionDeleted, .guardianStopped, .bothKilled:
      work = .longSwords
      moment = abs(moment) / 2
    default: break
    }
  }

  init(_ work: Work, _ transport: Transport, _ fault: Fault, moment: Double) {
    (number, self.work, self.transport, self.fault, self.moment) = (
      0, work, transport, fault, moment
    )
  }
}
