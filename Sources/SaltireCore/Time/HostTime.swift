public import Foundation

/// The computer's clocks. Nothing else may read a clock: an experiment must depend only on lab
/// time, which programs advance and journals record.
public enum HostTime {
  /// Seconds on a monotonic clock; for deadlines, progress and rates, never for results.
  public static var monotonic: Double {
    let elapsed = origin.duration(to: .now).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// The calendar date and time, for provenance only.
  public static var date: Date { Date() }

  /// The present moment, to know later how long ago it was.
  public static var moment: HostMoment {
    var time = timespec()
    let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    guard let boot, clock_gettime(CLOCK_BOOTTIME, &time) == 0 else {
      return HostMoment(date: date, uptime: nil)
    }
    let seconds = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    return HostMoment(
      date: date,
      uptime: .init(boot: boot.trimmingCharacters(in: .whitespacesAndNewlines), seconds: seconds))
  }

  /// Waits; returns early if the task is cancelled.
  public static func pause(_ seconds: Double) async {
    guard seconds > 0 else { return }
    try? await Task.sleep(for: .seconds(seconds))
  }

  /// Blocks its thread; for dedicated threads.
  public static func block(_ seconds: Double) { Thread.sleep(forTimeInterval: seconds) }

  private static let origin = ContinuousClock.now
}
