public import SaltireCore

/// The limits of a bench file, which no program may exceed.
public struct Limits: Sendable, Equatable {
  /// Largest |gate − row| and |gate − drain|, and largest |level| of either
  /// line alone, volts.
  public var gateVoltage: Located<Double>
  /// The range of gate − row and gate − drain in volts, within ±`gateVoltage`.
  public var gateWindow: Window
  /// Largest change of gate − row from one moment to the next, in volts.
  public var gateStep: Located<Double>?
  /// Longest gate pulse, seconds.
  public var pulseWidth: Located<Double>
  /// Largest duty cycle of the pulses of a train.
  public var duty: Located<Double>?
  /// Largest |drain − row| in a read, volts.
  public var drainVoltage: Located<Double>
  /// Maximum number of pulses in one session.
  public var pulses: Located<Int>
  /// Maximum charge into the gates in one session, in coulombs, computed with the gates at their
  /// current limits.
  public var charge: Located<Double>?
  /// Largest leakage current, the sum of the currents into a device, in amperes. The run stops
  /// beyond it.
  public var leak: Located<Double>?
  /// The conductance window of single-device reads, in siemens. The run stops outside it.
  public var conductance: Window?
  /// The limits of a device's dose over all sessions.
  public var lifetime = Lifetime()
  /// The limits of devices with limits of their own.
  public private(set) var devices: [String: Limits] = [:]
  /// The current limits of the gates in amperes, where they have one.
  package var gateCurrents: [Terminal: Double] = [:]
  /// Whether instruments limit currents.
  private var hasCompliance = false

  /// A range with the source location of both ends.
  public struct Window: Sendable, Equatable {
    public var low: Located<Double>
    public var high: Located<Double>
  }

  /// The limits of a device.
  public func of(_ device: String) -> Limits { devices[device] ?? self }

  /// These without limits of what devices conduct, for where there are none.
  package var withoutConductances: Limits {
    var limits = self
    (limits.conductance, limits.leak) = (nil, nil)
    limits.devices = devices.mapValues(\.withoutConductances)
    return limits
  }

  /// Whether any limit can be checked only in measured values.
  var areMeasured: Bool {
    ([self] + devices.values).contains { $0.leak != nil || $0.conductance != nil }
  }

  /// Whether any device has lifetime limits.
  public var hasLifetimes: Bool {
    ([self] + devices.values).contains { $0.lifetime.isLimited }
  }

  /// Reads the `limits` section of a bench file. Every limit of voltage, width and number is
  /// required, so that none can be forgotten.
  public init(_ reader: Reader, wiring: Wiring) {
    self.init(reader, over: nil)
    let session = reader.section(Keys.session)
    pulses = session[Keys.pulses]
    charge = session.optional(Keys.charge)
    let own = reader.section(Keys.devices)
    for name in own.keys {
      let section = own.section(Keys.device.named(name))
      guard wiring.site(name) != nil else {
        own.conclude(
          Diagnostic(
            "limits for '\(name)', which is not a device of this bench", at: section.location,
            hints: ["devices: \(wiring.sites.map(\.device).joined(separator: ", "))"]))
        continue
      }
      let limits = Limits(section, over: self)
      devices[name] = limits
      for looser in limits.looser(than: self) { own.conclude(looser.diagnostic(of: name)) }
    }
    // Leakage cannot be limited where a current is not measured, and the file must not suggest
    // otherwise.
    for site in wiring.sites where site.row == nil {
      guard let leak = of(site.device).leak else { continue }
      reader.report(
        Diagnostic(
          "the leakage of \(site.device) cannot be measured: its row is wired to ground",
          at: leak.location, hints: ["remove limits.leak, or wire its row to a source meter"]))
    }
  }

  /// Reads the limits of all devices or, with `all` as defaults, of one device.
  private init(_ reader: Reader, over all: Limits?) {
    let gate = reader.section(all == nil ? Keys.gate : Keys.deviceGate)
    let drain = reader.section(all == nil ? Keys.drain : Keys.deviceDrain)
    // A device inherits the value and its source location.
    func needed(
      _ section: Reader, _ key: Key<Double>, _ other: Located<Double>?
    ) -> Located<Double> {
      section.optional(key) ?? other ?? section[key]
    }
    let voltage = needed(gate, Keys.gateVoltage, all?.gateVoltage)
    gateVoltage = voltage
    let lowest = Located(-voltage.value, at: voltage.location)
    let least = gate.optional(Keys.gateLowest) ?? all?.gateWindow.low ?? lowest
    let most = gate.optional(Keys.gateHighest) ?? all?.gateWindow.high ?? voltage
    let widest = Limit(.gateVoltage, upTo: voltage)
    gateWindow = Window(
      low: widest.allows(least.value) ? least : lowest,
      high: widest.allows(most.value) ? most : voltage)
    gateStep = gate.optional(Keys.gateStep) ?? all?.gateStep
    pulseWidth = needed(gate, Keys.pulseWidth, all?.pulseWidth)
    duty = gate.optional(Keys.duty) ?? all?.duty
    drainVoltage = needed(drain, Keys.drainVoltage, all?.drainVoltage)
    leak = reader.optional(Keys.leak) ?? all?.leak
    pulses = all?.pulses ?? Located(0, at: nil)
    conductance = all?.conductance
    if let section = reader.optional(Keys.conductance) { conductance = Self.window(section) }
    lifetime = Lifetime(reader.section(Keys.lifetime), over: all?.lifetime)
  }

  private static func window(_ reader: Reader) -> Window? {
    let low = reader[Keys.conductanceLow]
    let high = reader[Keys.conductanceHigh]
    guard low.value <= high.value else {
      reader.conclude(
        Diagnostic(
          "the upper bound of the conductance window is below the lower bound", at: high.location))
      return nil
    }
    return Window(low: low, high: high)
  }

  /// Takes the gates' current limits from their channels.
  ///
  /// - Parameter ratings: the ratings of the channels behind the terminals; nil if there are no
  ///   instruments.
  package mutating func observe(
    _ ratings: [Terminal: ChannelRating]?, wiring: Wiring, _ reader: Reader
  ) {
    hasCompliance = ratings != nil
    for site in wiring.sites {
      guard let charge, ratings?[site.gate]?.current == nil else { continue }
      reader.conclude(
        Diagnostic(
          "the charge into \(site.gate) cannot be limited: its channel has no current limit",
          at: charge.location, hints: ["remove limits.session.charge"]))
      return
    }
    gateCurrents = Dictionary(
      wiring.sites.compactMap { site in
        ratings?[site.gate]?.current.map { (site.gate, $0) }
      }
    ) { $1 }
  }

  /// The limits as recorded in the manifest of a session.
  public var summary: [String: String] {
    var all = values
    all["session.pulses"] = "\(pulses.value)"
    if let charge { all["session.charge"] = Quantity(charge.value, .coulomb).description }
    if hasCompliance { all["compliance"] = "stops the run in a read; not checked during pulses" }
    for (name, own) in devices {
      for (key, value) in own.values where values[key] != value { all["\(name).\(key)"] = value }
    }
    return all
  }

  private var values: [String: String] {
    var all = [
      "gate.voltage": Quantity(gateVoltage.value, .volt).description,
      "gate.width": Quantity(pulseWidth.value, .second).description,
      "drain.voltage": Quantity(drainVoltage.value, .volt).description,
    ]
    if gateWindow.low.value != -gateVoltage.value || gateWindow.high.value != gateVoltage.value {
      all["gate.min"] = Quantity(gateWindow.low.value, .volt).description
      all["gate.max"] = Quantity(gateWindow.high.value, .volt).description
    }
    if let gateStep { all["gate.step"] = Quantity(gateStep.value, .volt).description }
    if let duty { all["gate.duty"] = Quantity(duty.value, .one).description }
    if let leak {
      all["leak"] = Quantity(leak.value, .ampere).description + ", from row and drain currents"
    }
    if let conductance {
      all["conductance.min"] = Quantity(conductance.low.value, .siemens).description
      all["conductance.max"] = Quantity(conductance.high.value, .siemens).description
    }
    return all.merging(lifetime.values) { $1 }
  }
}
