import Foundation
import SaltireCore
import SaltireExperiments

/// Shows the progress of a run on standard error: a progress bar on a terminal, otherwise one text
/// line for each phase.
final class Progress {
  /// Whether standard error is a terminal.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// The lab time of the whole run in seconds; nil if not estimated.
  private let total: Double?
  private let begin = HostTime.monotonic
  private var phase = ""
  private var lastDrawn = 0.0

  init(total: Double?) { self.total = total }

  func hear(_ event: RunEvent) {
    switch event {
    case .phase(let name):
      phase = name
      if !Self.isTerminal { Console.error(name) }
    case .warning(let message):
      // Prints above the progress bar.
      end()
      Console.error("warning: \(message)")
    case .time(let time):
      guard Self.isTerminal else { return }
      let now = HostTime.monotonic
      guard now - lastDrawn > 0.1 else { return }
      lastDrawn = now
      draw(time, elapsed: now - begin)
    }
  }

  /// Removes the progress bar.
  func end() { if Self.isTerminal { Console.show("\r\u{1B}[K") } }

  private func draw(_ time: Double, elapsed: Double) {
    var line = "\r\u{1B}[K\(phase)"
    if let total, total > 0 {
      let share = min(time / total, 0.999)
      let width = 20
      let full = Int(share * Double(width))
      let bar = String(repeating: "█", count: full) + String(repeating: "·", count: width - full)
      line += "  \(bar) \(Int(share * 100)) %"
      // Avoids an underestimate at the start.
      let left = elapsed / max(share, 1e-3) * (1 - share) * 1.1
      line += "  \(Quantity(left.rounded(.up), .second)) left"
    }
    Console.show(line)
  }
}
