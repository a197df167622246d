/// A duration for display: "45 min 39 s", "1 h 33 min", "0.25 s".
public func labTime(_ seconds: Double) -> String {
  guard let whole = Int(exactly: seconds.rounded()) else { return "\(seconds) s" }
  if whole >= 3600 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
  if whole >= 60 { return "\(whole / 60) min \(whole % 60) s" }
  return Quantity(seconds, .second).formatted(digits: 3)
}
