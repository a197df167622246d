/// The direction in which a pulse changes a device.
public enum PulseDirection: Sendable, Hashable, Codable {
  /// Potentiation: the conductance rises.
  case up
  /// Depression: the conductance falls.
  case down
}
