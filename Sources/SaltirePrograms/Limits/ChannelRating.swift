/// What the channel behind a terminal is set up for.
package struct ChannelRating: Sendable, Equatable {
  /// The largest |V| that it is asked for, volts.
  package var voltage: Double
  /// The current that it can send at most, amperes; nil where nothing limits it.
  package var current: Double?

  package init(voltage: Double, current: Double?) {
    self.voltage = voltage
    self.current = current
  }
}
