public import SaltireCore

/// A value of a protocol that a limit applies to.
public struct Demand: Sendable, Equatable {
  public var kind: Limit.Kind
  /// In the kind's base unit.
  public var value: Located<Double>
  /// Its name in messages, such as "pulse amplitude".
  public var what: String
  /// The devices that it applies to; empty for the whole bench.
  public var devices: [String]

  public init(
    _ kind: Limit.Kind, _ value: Located<Double>, _ what: String, of devices: [String] = []
  ) {
    self.kind = kind
    self.value = value
    self.what = what
    self.devices = devices
  }
}

extension Limits {
  /// The fault of a demand for its devices; nil if it is within their limits.
  package func diagnostic(_ demand: Demand) -> Diagnostic? {
    (demand.devices.map(of) + (demand.devices.isEmpty ? [self] : [])).lazy
      .compactMap { $0.fault(in: demand) }.first
  }

  private func fault(in demand: Demand) -> Diagnostic? {
    guard let limit = limit(demand.kind) else { return nil }
    do throws(LimitViolation) {
      try limit.require(demand.value.value)
      return nil
    } catch {
      let unit = demand.kind.unit
      return Diagnostic(
        "\(demand.what) \(Quantity(demand.value.value, unit)) exceeds the bench's limit of"
          + " \(Quantity(error.limit, unit))",
        at: demand.value.location,
        label: error.location.map { "limit set in \($0.file):\($0.line)" } ?? "")
    }
  }
}
