package import SaltireCore
import SaltireInstruments

extension Station {
  /// What a bench file of instruments says besides.
  package static let keys: [any DeclaredKey] = [
    Keys.instruments, Keys.terminals, Keys.adapters, Keys.triggers, Keys.engine, Keys.mains,
    Keys.idle, Keys.clock,
  ]

  enum Keys {
    static let instruments = SectionKey(
      "instruments", when: ofInstruments, "One section an instrument, by its name.", [instrument])
    static let instrument = SectionKey(
      "INSTRUMENT", absent: "", "One instrument.",
      [resource, family, serial, nodes, side] + LineSettings.keys)
    static let resource = Key.text("resource", form: "address", "Where it is.")
    static let family = Key.text(
      "family", form: "definition, as in `keithley/2636b`",
      when: "where the resource is not `sim:`", "What it is.")
    static let serial = Key.text(
      "serial", absent: "any",
      "Its serial number, as in its reply to `*IDN?`: another instrument at the address is refused."
        + " `saltire check --pin` writes it.")
    static let nodes = Key.texts(
      "nodes", form: "list of numbers, 2 … 64", absent: "none",
      "Instruments on its TSP-Link; the instrument itself is 1.")
    static let side = Key.choice(
      "side", default: Side.front,
      "Which of its terminals the devices are on, of an instrument that switches between two sets.")

    static let adapters = SectionKey(
      "adapters", absent: "none", when: ofInstruments,
      "GPIB adapters, one section a board: `GPIB0`, `GPIB1`, …", [adapter])
    static let adapter = SectionKey("BOARD", absent: "", "One adapter.", [port, baud])
    static let port = Key.text("resource", form: "serial port or socket", "Where the adapter is.")
    static let baud = Key.count(
      "baud", in: 300...4_000_000, default: Adapter.usualBaud, "Speed of its serial port.")

    static let terminals = SectionKey(
      "terminals", when: ofInstruments, "One section a terminal of `arrays`.", [terminal])
    static let terminal = SectionKey(
      "TERMINAL", absent: "", "One terminal.", [channel, voltage, current])
    static let channel = Key.text(
      "channel", form: "`INSTRUMENT.CHANNEL`",
      "What drives it, as in `smu1.smua`, `gen1.1`, `smu1.node[2].smua`; once a bench.")
    static let voltage = Key.quantity(
      "voltage", .volt, in: 0...1000, absent: "`limits.gate.voltage`",
      "Largest voltage there: sets the range. Not above the gate limit or the instrument's range.")
    static let current = Key.quantity(
      "current", .ampere, in: 0...10, absent: "required on a source meter",
      "Compliance and measurement range.")

    static let triggers = SectionKey.list(
      "triggers", absent: "none", when: ofInstruments, "Trigger lines between instruments.",
      [from, line, to])
    static let from = Key.text("from", form: "instrument", "Whose output triggers.")
    static let line = Key.count(
      "line", in: 1...100, "Number of the line; as many as the instrument has.")
    static let to = Key.texts(
      "to", form: "instrument or list", "Whose trigger inputs it is wired to.")

    static let engine = Key.choice(
      "engine", default: Engine.best, when: ofInstruments, "What times programs.")
    static let mains = Key.quantity(
      "mains", .hertz, in: 45...65, default: 50, when: ofInstruments,
      "Integration times are counted in its cycles.")
    static let idle = Key.choice(
      "idle", default: Idle.ground, when: ofInstruments,
      "What gates are at between pulses; `float` is refused.")
    static let clock = Key.text(
      "clock", form: "address", absent: "none", when: ofInstruments,
      "Control socket of a served lab; `saltire simulate` writes it.")

    private static let ofInstruments = "with `bench: instruments`"
  }
}
