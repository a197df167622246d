/// Which way a programming pulse is meant to move a device.
public enum PulseDirection: Sendable, Hashable, Codable {
  /// Potentiation: the conductance rises.
  case up
  /// Depression: the conductance falls.
  case down
}
