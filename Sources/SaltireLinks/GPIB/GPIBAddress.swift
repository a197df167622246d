/// The address of an instrument on its GPIB.
public struct GPIBAddress: Sendable, Hashable, CustomStringConvertible {
  /// 0 to 30.
  public let primary: UInt8
  /// 96 to 126, as on the bus; nil for most instruments.
  public let secondary: UInt8?

  /// Nil for an invalid address.
  ///
  /// - Parameters:
  ///   - primary: 0 to 30.
  ///   - secondary: 96 to 126, or 0 to 30 for the same.
  public init?(primary: UInt8, secondary: UInt8? = nil) {
    guard primary <= 30 else { return nil }
    self.primary = primary
    guard let secondary else {
      self.secondary = nil
      return
    }
    let onBus = secondary <= 30 ? secondary + 96 : secondary
    guard (96...126).contains(onBus) else { return nil }
    self.secondary = onBus
  }

  /// Such as `9 96`, the form that adapters accept.
  public var description: String { "\(primary)" + (secondary.map { " \($0)" } ?? "") }
}
