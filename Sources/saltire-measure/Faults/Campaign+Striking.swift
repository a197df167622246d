import Foundation
import SaltireBenches
import SaltireCore
import SaltireServe
import SaltireSimulation

extension Campaign {
  /// Seconds until a frozen terminal is full.
  private static let filling = 1.0
  /// Duration of a network outage in seconds.
  private static let outage = 20.0

  /// Waits for the moment of the fault and injects it. Returns the time if known; for an outage the
  /// time of its end.
  func strike(
    _ test: CampaignCase, _ reference: Reference, _ lab: CampaignLab, _ process: CampaignProcess
  ) -> Double? {
    let begin = HostTime.monotonic
    if test.moment < 0 {
      HostTime.block(reference.start * (1 + 10 * test.moment))
    } else {
      while lab.lab.now() < test.moment * reference.duration, process.isRunning,
        HostTime.monotonic < begin + 60
      {
        HostTime.block(0.0003)
      }
    }
    switch test.fault {
    case .none, .diskFull, .instrument, .compliance: return nil
    case .signal(let signal): return send(signal, to: process, lab)
    case .clock: return send(.interrupt, to: process, lab)
    case .terminal(let terminal):
      process.freeze(isUnread: terminal == .unread)
      HostTime.block(Self.filling)
      let signals: [CampaignCase.Fault.Terminal: CampaignCase.Signal] = [
        .frozen: .terminate, .frozenKilled: .kill, .unread: .hangUp,
      ]
      return send(signals[terminal] ?? .terminate, to: process, lab)
    case .outage:
      lab.served.loseNetwork(for: Self.outage)
      return HostTime.monotonic + Self.outage
    case .sessionDeleted:
      for path in Self.sessions(in: lab.folder) { unlink(path.path) }
      return HostTime.monotonic
    case .guardianStopped:
      if let guardian = process.guardian { kill(guardian, SIGSTOP) }
      return HostTime.monotonic
    case .bothKilled(let runFirst):
      let victims = [process.id, process.guardian].compactMap(\.self)
      for victim in runFirst ? victims : victims.reversed() { kill(victim, SIGKILL) }
      return HostTime.monotonic
    }
  }

  private func send(
    _ signal: CampaignCase.Signal, to process: CampaignProcess, _ lab: CampaignLab
  ) -> Double {
    let now = HostTime.monotonic
    switch signal {
    case .interrupt: kill(process.id, SIGINT)
    case .interruptTwice:
      kill(process.id, SIGINT)
      HostTime.block(0.002)
      kill(process.id, SIGINT)
    case .terminate: kill(process.id, SIGTERM)
    case .hangUp: kill(process.id, SIGHUP)
    case .kill: kill(process.id, SIGKILL)
    case .killHalfOpen:
      lab.served.cutOff()
      kill(process.id, SIGKILL)
    case .killGroup: kill(-process.id, SIGKILL)
    case .trap: kill(process.id, SIGILL)
    case .stop: kill(process.id, SIGSTOP)
    }
    return now
  }
}
