/// The configuration of the channel behind a terminal.
package struct ChannelRating: Sendable, Equatable {
  /// Instrument and channel, as in the bench file.
  package var name: String
  /// The largest |V| that it may source, in volts.
  package var voltage: Double
  /// Its current limit in amperes; nil if it has none.
  package var current: Double?

  package init(_ name: String, voltage: Double, current: Double?) {
    self.name = name
    self.voltage = voltage
    self.current = current
  }
}
