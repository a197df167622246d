package import SaltireCore

/// How a simulated lab is wired: what is in place of the devices, and what is wrong.
public struct SimulatedWiring: Sendable {
  /// A fault of the wiring.
  public struct Fault: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
      /// The leads of two terminals are exchanged.
      case swapped
      /// A lead is not connected.
      case open
      /// Two terminals touch.
      case short
      /// A channel drives, and measures, with the opposite sign.
      case reversed
      /// 50 Ω to ground, as at an input that a generator is set to drive.
      case loaded
      /// Current passes from a gate to its row.
      case leaky
      /// A meter's noise is 5 % of its current limit.
      case noisy
      /// A line charges with a time constant of 100 ms.
      case slow

      fileprivate var terminals: Int { self == .swapped || self == .short ? 2 : 1 }
    }

    public var kind: Kind
    public var terminals: [String]

    public init(_ kind: Kind, _ terminals: [String]) {
      self.kind = kind
      self.terminals = terminals
    }

    /// Parses `KIND TERMINAL` or `KIND TERMINAL TERMINAL`; nil for other text.
    init?(parsing text: String) {
      let words = text.split(separator: " ").map(String.init)
      guard let kind = words.first.flatMap(Kind.init), words.count == 1 + kind.terminals else {
        return nil
      }
      self.init(kind, Array(words.dropFirst()))
    }
  }

  /// In ohms, one for all devices or one for each, in place of the devices: between drain and row,
  /// and between gate and drain. Empty for the devices themselves.
  public var resistors: [Double] = []
  public var faults: [Fault] = []

  /// The keys of the section.
  package enum Keys {
    package static let lab = SectionKey(
      "lab", absent: "devices, wired as the file says", when: "in simulation",
      "How a simulated lab is wired.", [resistors, faults])
    static let resistors = Key.quantities(
      "resistors", .ohm, form: "resistance, or a list with one for each device",
      absent: "devices",
      "Resistors in place of the devices: from drain to row, and as much from gate to drain."
        + " 1 TΩ is as nothing.")
    static let faults = Key.texts(
      "faults", form: "list of faults", absent: "none",
      "What is wrong: `swapped T T`, `open T`, `short T T`, `reversed T`, `loaded T`, `leaky T`,"
        + " `noisy T`, `slow T`, with names of terminals for `T`.")
  }

  /// The devices themselves, wired as they should be.
  public init() {}

  /// Reads the section of a bench with these numbers of devices and terminals.
  init(_ reader: Reader, devices: Int, terminals: [String]) {
    resistors = reader[Keys.resistors].value
    if ![0, 1, devices].contains(resistors.count) || resistors.contains(where: { !($0 > 0) }) {
      reader.conclude(
        Diagnostic(
          "expected one resistance, or one for each of \(devices) devices, above 0 Ω",
          at: reader.location(of: Keys.resistors)))
      resistors = []
    }
    for text in reader[Keys.faults].value {
      guard let fault = Fault(parsing: text.value) else {
        reader.conclude(
          Diagnostic(
            "'\(text.value)' is not a fault of the wiring", at: text.location,
            hints: ["for example: open DA1, or swapped DA1 DA2"]))
        continue
      }
      if let unknown = fault.terminals.first(where: { !terminals.contains($0) }) {
        reader.conclude(
          Diagnostic(
            "there is no terminal '\(unknown)'", at: text.location,
            hints: ["terminals: \(terminals.joined(separator: ", "))"]))
        continue
      }
      faults.append(fault)
    }
  }
}

extension LabPlan {
  /// Wires the lab: resistors in place of devices, then the faults.
  ///
  /// - Parameter limits: the current limits of the terminals' meters, in amperes.
  public mutating func wire(_ wiring: SimulatedWiring, limits: [String: Double]) {
    let wired = sites
    if !wiring.resistors.isEmpty {
      sites = []
      for (index, site) in wired.enumerated() {
        let ohms = wiring.resistors[wiring.resistors.count == 1 ? 0 : index]
        resistors.append(Resistor(node: site.drain, to: site.row, ohms: ohms))
        resistors.append(Resistor(node: site.gate, to: site.drain, ohms: ohms))
      }
    }
    for fault in wiring.faults {
      let (first, last) = (fault.terminals[0], fault.terminals[fault.terminals.count - 1])
      switch fault.kind {
      case .swapped: connect { $0 == first ? last : $0 == last ? first : $0 }
      case .open: connect { $0 == first ? "\(first) open" : $0 }
      case .short: resistors.append(Resistor(node: first, to: last, ohms: 1))
      case .loaded: resistors.append(Resistor(node: first, ohms: 50))
      case .leaky:
        let row = wired.first { $0.gate == first }?.row
        resistors.append(Resistor(node: first, to: row, ohms: 500e3))
      case .reversed: flaw(first) { $0.isReversed = true }
      case .noisy: flaw(first) { $0.noise = 0.05 * (limits[first] ?? 0) }
      case .slow: flaw(first) { $0.timeConstant = 0.1 }
      }
    }
  }

  /// Connects the channel at each node to another one.
  private mutating func connect(_ other: (String) -> String) {
    for index in instruments.indices {
      instruments[index].nodes = instruments[index].nodes.mapValues(other)
    }
  }

  private mutating func flaw(_ node: String, _ change: (inout ChannelFlaw) -> Void) {
    for index in instruments.indices {
      for (channel, own) in instruments[index].nodes where own == node {
        change(&instruments[index].flaws[channel, default: ChannelFlaw()])
      }
    }
  }
}
