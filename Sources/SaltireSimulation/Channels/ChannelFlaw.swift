import Foundation

/// What is wrong with a channel or its line.
public struct ChannelFlaw: Sendable {
  /// Whether it drives, and measures, with the opposite sign.
  public var isReversed = false
  /// Further noise of its currents, in amperes.
  public var noise = 0.0
  /// Of its line, in seconds; 0 if that follows at once.
  public var timeConstant = 0.0

  public init() {}

  var sign: Double { isReversed ? -1 : 1 }
}

/// A line that charges slowly: its far end follows the level of its channel exponentially.
final class SlowLine {
  private let timeConstant: Double
  private var target = 0.0
  private var start = 0.0
  private var since = 0.0

  /// Nil for a line that follows at once.
  init?(_ flaw: ChannelFlaw) {
    guard flaw.timeConstant > 0 else { return nil }
    timeConstant = flaw.timeConstant
  }

  /// The voltage at its far end while its channel is at `level` volts.
  func voltage(_ level: Double, at time: Double) -> Double {
    if level != target {
      start = present(time)
      (target, since) = (level, time)
    }
    return present(time)
  }

  private func present(_ time: Double) -> Double {
    target + (start - target) * exp(-(time - since) / timeConstant)
  }

  /// The next moment at which the circuit is to be solved again, while it charges.
  func edge(after time: Double) -> Double? {
    time < since + 15 * timeConstant ? time + timeConstant / 8 : nil
  }
}
