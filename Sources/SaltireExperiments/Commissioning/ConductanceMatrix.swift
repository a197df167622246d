import SaltirePrograms

/// The currents into the meters for each volt on one terminal at a time, in siemens.
struct ConductanceMatrix: Equatable {
  /// By driven terminal, then by terminal whose current is measured.
  var values: [[Double]]

  subscript(driven: Int, meter: Int) -> Double {
    get { values[driven][meter] }
    set { values[driven][meter] = newValue }
  }

  var count: Int { values.count }

  init(count: Int) {
    values = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
  }

  /// That of resistors between the terminals, all of which are held at a voltage.
  init(_ branches: [Branch], count: Int) {
    self.init(count: count)
    for branch in branches {
      self[branch.from, branch.from] -= branch.siemens
      guard let to = branch.to else { continue }
      self[to, to] -= branch.siemens
      self[branch.from, to] += branch.siemens
      self[to, branch.from] += branch.siemens
    }
  }

  /// A resistor between two terminals; nil is ground.
  struct Branch: Equatable {
    var from: Int
    var to: Int?
    var siemens: Double

    func joins(_ one: Int, _ other: Int?) -> Bool {
      from == one && to == other || to == one && from == other
    }
  }

  /// With a terminal that is held by nothing.
  func floating(_ terminal: Int) -> ConductanceMatrix {
    var result = ConductanceMatrix(count: count)
    let own = self[terminal, terminal]
    for driven in 0..<count where driven != terminal {
      for meter in 0..<count where meter != terminal {
        let through = own == 0 ? 0 : self[driven, terminal] * self[terminal, meter] / own
        result[driven, meter] = self[driven, meter] - through
      }
    }
    return result
  }

  /// With the leads of two terminals exchanged.
  func swapped(_ first: Int, _ second: Int) -> ConductanceMatrix {
    func place(_ terminal: Int) -> Int {
      terminal == first ? second : terminal == second ? first : terminal
    }
    var result = self
    for driven in 0..<count {
      for meter in 0..<count { result[driven, meter] = self[place(driven), place(meter)] }
    }
    return result
  }

  /// With a terminal of the opposite polarity.
  func reversed(_ terminal: Int) -> ConductanceMatrix {
    var result = self
    for other in 0..<count where other != terminal {
      result[terminal, other] *= -1
      result[other, terminal] *= -1
    }
    return result
  }

  /// With another amplitude of a terminal.
  func scaled(_ terminal: Int, by factor: Double) -> ConductanceMatrix {
    var result = self
    for meter in 0..<count { result[terminal, meter] *= factor }
    return result
  }
}
