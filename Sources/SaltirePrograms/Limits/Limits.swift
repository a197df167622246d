public import SaltireCore

/// What no program may exceed, from the bench file.
public struct Limits: Sendable, Equatable {
  /// Largest |gate − row| and |gate − drain|, and largest |level| of either
  /// line alone, volts.
  public var gateVoltage: Located<Double>
  /// Where gate − row and gate − drain stay, volts: within ±`gateVoltage`.
  public var gateWindow: Window
  /// Largest |change| of gate − row from one moment to the next, volts.
  public var gateStep: Located<Double>?
  /// Longest gate pulse, seconds.
  public var pulseWidth: Located<Double>
  /// Largest part of the time that a train's pulses last.
  public var duty: Located<Double>?
  /// Largest |drain − row| in a read, volts.
  public var drainVoltage: Located<Double>
  /// Most pulses in one session.
  public var pulses: Located<Int>
  /// Most charge into the gates in one session, coulombs: pulses at the gates'
  /// current limits.
  public var charge: Located<Double>?
  /// Largest current that does not come out where it went in, amperes; the
  /// run stops beyond it.
  public var leak: Located<Double>?
  /// Conductances that a single-device read may show, siemens; beyond them
  /// the run stops.
  public var conductance: Window?
  /// What a device may be put through in its life, over all sessions.
  public var lifetime = Lifetime()
  /// Those of devices that have limits of their own.
  public private(set) var devices: [String: Limits] = [:]
  /// Amperes that the gates can be sent at most; none where they have no limit.
  package var gateCurrents: [Terminal: Double] = [:]
  /// Whether currents have limits of their own, in instruments.
  private var hasCompliance = false

  /// The ends of a range, each where it is set.
  public struct Window: Sendable, Equatable {
    public var low: Located<Double>
    public var high: Located<Double>
  }

  /// The limits of a device.
  public func of(_ device: String) -> Limits { devices[device] ?? self }

  /// Whether any limit shows only in what was measured.
  var areMeasured: Bool {
    ([self] + devices.values).contains { $0.leak != nil || $0.conductance != nil }
  }

  /// Whether the life of any device is limited.
  public var hasLifetimes: Bool {
    ([self] + devices.values).contains { $0.lifetime.isLimited }
  }

  /// Reads the `limits` section of a bench file. Every limit of voltage, width
  /// and number must be there: a limit that is merely forgotten protects
  /// nothing.
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
            "limits for '\(name)', which is no device of this bench", at: section.location,
            hints: ["devices: \(wiring.sites.map(\.device).joined(separator: ", "))"]))
        continue
      }
      let limits = Limits(section, over: self)
      devices[name] = limits
      for looser in limits.looser(than: self) { own.conclude(looser.diagnostic(of: name)) }
    }
    // What is not seen is not limited, and must not look so.
    for site in wiring.sites where site.row == nil {
      guard let leak = of(site.device).leak else { continue }
      reader.report(
        Diagnostic(
          "the leak of \(site.device) cannot be observed: its row is wired to ground",
          at: leak.location, hints: ["leave limits.leak out, or measure its row"]))
    }
  }

  /// Reads limits of all devices or, over those, of one.
  private init(_ reader: Reader, over all: Limits?) {
    let gate = reader.section(all == nil ? Keys.gate : Keys.deviceGate)
    let drain = reader.section(all == nil ? Keys.drain : Keys.deviceDrain)
    // What a device takes over stays where the bench's limits have it.
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
        Diagnostic("the conductance window ends below its beginning", at: high.location))
      return nil
    }
    return Window(low: low, high: high)
  }

  /// Takes the gates' current limits from their channels.
  ///
  /// - Parameter ratings: of the channels behind the terminals; nil where there are none.
  package mutating func observe(
    _ ratings: [Terminal: ChannelRating]?, wiring: Wiring, _ reader: Reader
  ) {
    hasCompliance = ratings != nil
    for site in wiring.sites {
      guard let charge, ratings?[site.gate]?.current == nil else { continue }
      reader.conclude(
        Diagnostic(
          "the charge into \(site.gate) cannot be limited: nothing limits its current",
          at: charge.location, hints: ["leave limits.session.charge out"]))
      return
    }
    gateCurrents = Dictionary(
      wiring.sites.compactMap { site in
        ratings?[site.gate]?.current.map { (site.gate, $0) }
      }
    ) { $1 }
  }

  /// The limits in force as the session's manifest records them.
  public var summary: [String: String] {
    var all = values
    all["session.pulses"] = "\(pulses.value)"
    if let charge { all["session.charge"] = Quantity(charge.value, .coulomb).description }
    if hasCompliance { all["compliance"] = "stops the run in a read; not looked at in pulses" }
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
