package import SaltireCore

extension Limits {
  /// The keys of the `limits` section.
  package enum Keys {
    package static let limits = SectionKey(
      "limits", "What no program may exceed.",
      [gate, drain, leak, conductance, session, lifetime, devices])

    static let gate = SectionKey(
      "gate", "What gates may be put through.",
      [gateVoltage, gateLowest, gateHighest, gateStep, pulseWidth, duty])
    static let gateVoltage = Key.quantity(
      "voltage", .volt, in: 0...1000,
      "Largest |gate − row| and |gate − drain|, and largest level of either line alone.")
    static let gateLowest = Key.quantity(
      "min", .volt, in: -1000...0, absent: "−`voltage`", "Lowest gate − row and gate − drain.")
    static let gateHighest = Key.quantity(
      "max", .volt, in: 0...1000, absent: "`voltage`", "Highest gate − row and gate − drain.")
    static let gateStep = Key.quantity(
      "step", .volt, in: 0...1000, absent: "none",
      "Largest change of gate − row from one moment to the next.")
    static let pulseWidth = Key.quantity("width", .second, in: 0...1e6, "Longest gate pulse.")
    static let duty = Key.number(
      "duty", in: 0...1, absent: "none", "Largest fraction of the time that pulses last.")

    static let drain = SectionKey("drain", "What drains may be put through.", [drainVoltage])
    static let drainVoltage = Key.quantity(
      "voltage", .volt, in: 0...1000, "Largest |drain − row| in a read.")

    static let leak = Key.quantity(
      "leak", .ampere, in: 0...1, absent: "none", when: "with rows that are measured",
      "Largest sum of row and drain current in a read; stops the run.")

    static let conductance = SectionKey(
      "conductance", absent: "none",
      "Window that a read of one device may show; beyond it the run stops.",
      [conductanceLow, conductanceHigh])
    static let conductanceLow = Key.quantity("min", .siemens, in: 0...1, "Its lower end.")
    static let conductanceHigh = Key.quantity("max", .siemens, in: 0...1, "Its upper end.")

    static let session = SectionKey("session", "What one session may do.", [pulses, charge])
    static let pulses = Key.count("pulses", in: 1...Int.max, "Most gate pulses in one session.")
    static let charge = Key.quantity(
      "charge", .coulomb, in: 0...1e6, absent: "none", when: "with gates that have a current limit",
      "Most charge into the gates in one session: pulses at the gates' current limits.")

    static let lifetime = SectionKey(
      "lifetime", absent: "none", "What a device may be put through in its life.", Lifetime.Keys.all
    )

    static let devices = SectionKey(
      "devices", absent: "none", "Limits of single devices.", [device])
    static let device = SectionKey(
      "DEVICE", absent: "as above",
      "Limits of one device. Those of `gate`, `drain` and `leak` may only be tighter.",
      [
        deviceGate, deviceDrain, leak.absent(above), conductance.absent(above),
        lifetime.absent(above),
      ])
    static let deviceGate = SectionKey(
      "gate", absent: above, "What its gate may be put through.",
      [gateVoltage, gateLowest, gateHighest, gateStep, pulseWidth, duty].map { $0.absent(above) })
    static let deviceDrain = SectionKey(
      "drain", absent: above, "What its drain may be put through.", [drainVoltage.absent(above)])
    private static let above = "as above"
  }
}
