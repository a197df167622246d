/// The configuration of the channel behind a terminal.
package struct ChannelRating: Sendable, Equatable {
  /// The largest |V| that it may source, in volts.
  package var voltage: Double
  /// Its current limit in amperes; nil if it has none.
  package var current: Double?

  package init(voltage: Double, current: Double?) {
    self.voltage = voltage
    self.current = current
  }
}
