public import SaltireLinks

/// A fault of a USBTMC device, the result of a query that encounters it, and whether the device can
/// be used afterwards.
public struct USBFault: Sendable, CustomStringConvertible {
  /// The result of a query.
  public enum End: String, Sendable {
    case answer, timeout, stalled, malformed, gone

    /// Nil for errors that no fault should cause.
    public init?(_ error: LinkError) {
      switch error {
      case .timeout: self = .timeout
      case .stalled: self = .stalled
      case .malformed: self = .malformed
      case .disconnected, .unreachable: self = .gone
      default: return nil
      }
    }
  }

  /// The fault plan for the emulator.
  public var plan: String
  public var end: End
  public var comesBack: Bool
  /// The known quirks of such a device.
  public var quirks: Set<USBTMCQuirk>

  public init(
    _ plan: String, end: End, comesBack: Bool = true, quirks: Set<USBTMCQuirk> = []
  ) {
    self.plan = plan
    self.end = end
    self.comesBack = comesBack
    self.quirks = quirks
  }

  public var description: String {
    plan + (quirks.isEmpty ? "" : " (\(quirks.map(\.rawValue).sorted().joined(separator: ", ")))")
  }

  /// All faults of the emulator, and combinations of them.
  public static let all = [
    USBFault("stall-in", end: .stalled),
    USBFault("stall-out", end: .stalled),
    USBFault("hang", end: .timeout),
    USBFault("hang-out", end: .timeout),
    USBFault("hang-until-clear", end: .timeout),
    USBFault("hang-until-reset", end: .timeout, quirks: [.reset]),
    USBFault("hang-until-reset", end: .timeout, comesBack: false),
    USBFault("dead", end: .timeout, comesBack: false, quirks: [.reset]),
    USBFault("late=400", end: .timeout),
    USBFault("stale", end: .timeout),
    USBFault("wrong-tag", end: .malformed),
    USBFault("wrong-inverse", end: .malformed),
    USBFault("wrong-id", end: .malformed),
    USBFault("short-header", end: .malformed),
    USBFault("oversize", end: .malformed),
    USBFault("truncated", end: .timeout),
    USBFault("flood", end: .malformed),
    USBFault("empty", end: .answer),
    USBFault("no-eom", end: .answer),
    USBFault("split=3", end: .answer),
    USBFault("unpadded", end: .answer),
    USBFault("nul", end: .answer, quirks: [.trailingZeros]),
    USBFault("config-freezes", end: .answer),
    USBFault("hang+no-abort", end: .timeout),
    USBFault("hang+abort-pending", end: .timeout),
    USBFault("hang-until-clear+pending", end: .timeout),
    USBFault("hang-until-clear+pending-drain", end: .timeout),
    USBFault("hang+clear-hangs", end: .timeout, quirks: [.noClear]),
    USBFault("stall-out+clear-hangs", end: .stalled, quirks: [.noClear]),
    USBFault("unplug", end: .gone, comesBack: false),
    USBFault("unplug-out", end: .gone, comesBack: false),
    USBFault("unplug+replug=300", end: .gone),
  ]
}
