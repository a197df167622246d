import Foundation
import SaltireCore
import SaltireExperiments

/// Tells on standard error how far a run is: a line that redraws itself on a
/// terminal, a line a phase elsewhere.
final class Progress {
  /// Whether standard error is a terminal.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Lab seconds that the whole run will take; nil when nobody estimated.
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
      // Above the line that redraws itself, to stay.
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

  /// Removes the line.
  func end() { if Self.isTerminal { Console.show("\r\u{1B}[K") } }

  private func draw(_ time: Double, elapsed: Double) {
    var line = "\r\u{1B}[K\(phase)"
    if let total, total > 0 {
      let share = min(time / total, 0.999)
      let width = 20
      let full = Int(share * Double(width))
      let bar = String(repeating: "█", count: full) + String(repeating: "·", count: width - full)
      line += "  \(bar) \(Int(share * 100)) %"
      // Rather too long than too short.
      let left = elapsed / max(share, 1e-3) * (1 - share) * 1.1
      line += "  \(Quantity(left.rounded(.up), .second)) left"
    }
    Console.show(line)
  }
}
