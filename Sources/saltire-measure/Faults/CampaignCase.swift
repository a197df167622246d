import SaltireCore
import SaltireSimulation

/// One thing that goes wrong in one run.
struct CampaignCase: Sendable, Hashable {
  /// What is run.
  enum Work: String, CaseIterable {
    case swords, swordsHostStepped = "swords, host-stepped", zeroShift = "zero-shift", shd
    /// Of several seconds, for what takes as long.
    case longSwords = "long swords"

    static let short: [Work] = [.swords, .swordsHostStepped, .zeroShift, .shd]
  }

  /// How the instruments are reached.
  enum Transport: String, CaseIterable { case tcp = "TCP", pty, usb = "USB" }

  /// What happens to the run's process, its disk, its lab or an instrument.
  enum Fault: Sendable, Hashable {
    /// Never; for what a run comes to otherwise.
    case none
    case signal(Signal)
    case diskFull
    /// An instrument on the way.
    case instrument(LabFault.Kind)
    /// The lab's clock goes on by an hour, or the computer's calendar steps,
    /// between the end of the run and its resumption.
    case clock(Clock)
    /// A current limit that the device comes to.
    case compliance
    /// The terminal that the run is on takes no more.
    case terminal(Terminal)
    /// Nobody reaches the instruments for twenty seconds.
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

    /// Whether the process hangs until its guardian finds out.
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
  /// Where in the run: the part of its lab time, or below 0 the part of its
  /// start.
  var moment: Double

  /// Bytes that fit on the disk of its session; nil where that is not what
  /// happens.
  var diskRoom: Int? { fault == .diskFull ? Int(160_000 + max(0, moment) * 300_000) : nil }

  /// Faults that are over at once, and those that take seconds: of a thousand cases, as many
  /// of each kind.
  private static let (quick, slow): ([Fault], [Fault]) = (
    [
      .signal(.interrupt), .signal(.interruptTwice), .signal(.terminate), .signal(.hangUp),
      .signal(.kill), .signal(.killGroup), .signal(.trap), .signal(.stop), .diskFull,
      .clock(.labGoesOn), .clock(.calendarStepsBack), .compliance, .instrument(.disconnect),
      .instrument(.garbage), .instrument(.unsolicited), .instrument(.error), .instrument(.reboot),
      .sessionDeleted, .bothKilled(runFirst: true), .bothKilled(runFirst: false),
    ],
    [
      .signal(.killHalfOpen), .instrument(.silent), .instrument(.replaced), .terminal(.frozen),
      .terminal(.frozenKilled), .terminal(.unread), .outage, .guardianStopped,
    ]
  )
  private static let (quickCases, slowCases) = (40, 25)

  /// The faults of a thousand cases, in an order of the seed's.
  static func faults(_ random: inout RandomStream) -> [Fault] {
    var all =
      quick.flatMap { [Fault](repeating: $0, count: quickCases) }
      + slow.flatMap { [Fault](repeating: $0, count: slowCases) }
    for index in all.indices {
      all.swapAt(index, index + Int(random.uniform() * Double(all.count - index)))
    }
    return all
  }

  /// A case of its own number, from the seed's stream.
  init(
    _ number: Int, _ fault: Fault, _ transports: [Transport], _ random: inout RandomStream
  ) {
    self.number = number
    self.fault = fault
    work = Work.short[Int(random.uniform() * Double(Work.short.count))]
    transport = transports[Int(random.uniform() * Double(transports.count))]
    moment = random.uniform() * 1.1 - 0.1
    switch fault {
    // Only sockets stay half open, and only a network is away.
    case .signal(.killHalfOpen), .outage: transport = .tcp
    // What drops its connection behind USB is unplugged: nobody reaches it then.
    case .instrument(.disconnect), .instrument(.reboot), .instrument(.replaced):
      if transport == .usb { transport = .tcp }
    default: break
    }
    switch fault {
    // These come to a run that has begun, and that goes on meanwhile.
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
