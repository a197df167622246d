public import Foundation

/// The computer's own clocks. No other source reads one: what an experiment
/// does must depend on lab time only, which programs advance and journals
/// record.
public enum HostTime {
  /// Seconds on a clock that never steps back; for deadlines, progress and
  /// rates, never for results.
  public static var monotonic: Double {
    let elapsed = origin.duration(to: .now).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// The calendar date and time, for provenance only.
  public static var date: Date { Date() }

  /// Waits; ends early when the task is cancelled.
  public static func pause(_ seconds: Double) async {
    guard seconds > 0 else { return }
    try? await Task.sleep(for: .seconds(seconds))
  }

  /// Waits, and blocks its thread: for threads that do nothing else.
  public static func block(_ seconds: Double) { Thread.sleep(forTimeInterval: seconds) }

  private static let origin = ContinuousClock.now
}
