/// Where an instrument is on its GPIB.
public struct GPIBAddress: Sendable, Hashable, CustomStringConvertible {
  /// 0 to 30.
  public let primary: UInt8
  /// 96 to 126, as it is on the bus; nil for most instruments.
  public let secondary: UInt8?

  /// Nil where no instrument can be.
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

  /// As in `9 96`, which is how adapters take it.
  public var description: String { "\(primary)" + (secondary.map { " \($0)" } ?? "") }
}
