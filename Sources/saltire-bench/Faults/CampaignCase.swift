internal import SaltireCore
internal import SaltireSimulation

/// One thing that goes wrong in one run.
struct CampaignCase: Sendable, Hashable {
  /// What is run.
  enum Work: String, CaseIterable {
    case swords, swordsHostStepped = "swords, host-stepped", zeroShift = "zero-shift", shd
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
      }
    }

    /// Whether the process hangs until its guardian finds out.
    var isHang: Bool { self == .signal(.stop) }
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

  /// Faults by how often they are drawn.
  private static let faults: [(Fault, Int)] =
    [
      (.signal(.interrupt), 12), (.signal(.interruptTwice), 6), (.signal(.terminate), 6),
      (.signal(.hangUp), 6), (.signal(.kill), 16), (.signal(.killHalfOpen), 4),
      (.signal(.killGroup), 6), (.signal(.trap), 5),
      (.signal(.stop), 8), (.diskFull, 5), (.clock(.labGoesOn), 2), (.clock(.calendarStepsBack), 2),
      (.compliance, 2), (.instrument(.disconnect), 5), (.instrument(.garbage), 4),
      (.instrument(.unsolicited), 4), (.instrument(.error), 3), (.instrument(.silent), 1),
      (.instrument(.reboot), 4), (.instrument(.replaced), 2),
    ]

  /// A case of its own number, from the seed's stream.
  init(_ number: Int, _ transports: [Transport], _ random: inout RandomStream) {
    self.number = number
    work = Work.allCases[Int(random.uniform() * Double(Work.allCases.count))]
    transport = transports[Int(random.uniform() * Double(transports.count))]
    var left = Int(random.uniform() * Double(Self.faults.reduce(0) { $0 + $1.1 }))
    fault = .none
    for (candidate, weight) in Self.faults {
      if left < weight {
        fault = candidate
        break
      }
      left -= weight
    }
    moment = random.uniform() * 1.1 - 0.1
    if fault == .signal(.killHalfOpen) { transport = .tcp }
    // What drops its connection behind USB is unplugged: nobody reaches it then.
    if transport == .usb, case .instrument(let kind) = fault,
      [.disconnect, .reboot, .replaced].contains(kind)
    {
      transport = .tcp
    }
  }

  init(_ work: Work, _ transport: Transport, _ fault: Fault, moment: Double) {
    (number, self.work, self.transport, self.fault, self.moment) = (
      0, work, transport, fault, moment
    )
  }
}
