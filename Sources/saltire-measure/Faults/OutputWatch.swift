import Foundation
import SaltireCore
import Synchronization

/// Monitors a lab's outputs until they are off.
final class OutputWatch: Sendable {
  private let lab: CampaignLab
  private let state = Mutex((lastOn: Double?.none, isEnded: false))

  init(_ lab: CampaignLab) {
    self.lab = lab
    let thread = Thread { [self] in
      while !state.withLock({ $0.isEnded }) {
        if !lab.energised.isEmpty { state.withLock { $0.lastOn = HostTime.monotonic } }
        HostTime.block(0.0003)
      }
    }
    thread.start()
  }

  /// Stops monitoring. Returns the seconds from `moment` until no output was on; nil if none was on
  /// then.
  func end(since moment: Double?) -> Double? {
    state.withLock {
      $0.isEnded = true
      guard let moment, let last = $0.lastOn, last >= moment else { return nil }
      return last - moment
    }
  }
}
