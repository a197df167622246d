import SaltirePrograms

/// Compares measured currents with those of the stated wiring, and finds the single fault that
/// explains a difference.
struct WiringDiagnosis {
  let leads: [Lead]
  /// Which terminals have a meter, by index.
  let meters: [Int]
  var branches: [ConductanceMatrix.Branch]
  let tolerance: Double
  /// The level at which each terminal was driven, in volts.
  var levels: [Double] = []
  /// The uncertainty of each terminal's measured currents, in amperes.
  var noise: [Double]

  /// The currents that are expected, for each volt.
  var expected: ConductanceMatrix { ConductanceMatrix(branches, count: leads.count) }

  /// Whether two matrices agree where there are meters.
  private func agree(_ one: ConductanceMatrix, _ other: ConductanceMatrix) -> Bool {
    leads.indices.allSatisfy { driven in
      meters.allSatisfy { excess(one, other, driven, $0) <= 1 }
    }
  }

  /// A difference as a multiple of what is allowed.
  private func excess(
    _ one: ConductanceMatrix, _ other: ConductanceMatrix, _ driven: Int, _ meter: Int
  ) -> Double {
    // The noise is known from few reads, and many currents are compared with it.
    let allowed =
      tolerance * abs(other[driven, meter]) + 7 * noise[meter] / max(levels[driven], 1e-9)
    return abs(one[driven, meter] - other[driven, meter]) / allowed
  }

  /// What is wrong; nil if the currents are as expected.
  func fault(in measured: ConductanceMatrix) -> CommissioningFault? {
    let expected = expected
    if agree(measured, expected) { return nil }
    let causes = hypotheses(measured).filter { agree(measured, $0.matrix) }.map(\.fault)
    var worst = (driven: 0, meter: meters[0], excess: 0.0)
    for driven in leads.indices {
      for meter in meters {
        let excess = excess(measured, expected, driven, meter)
        if excess > worst.excess { worst = (driven, meter, excess) }
      }
    }
    let level = levels[worst.driven]
    return .wiring(
      causes,
      evidence: CurrentEvidence(
        driven: leads[worst.driven], level: level, meter: leads[worst.meter],
        measured: measured[worst.driven, worst.meter] * level,
        expected: expected[worst.driven, worst.meter] * level))
  }

  /// What these connections cannot show: terminals whose lead may be open, and pairs that may be
  /// swapped.
  var unseen: [String] {
    let expected = expected
    let hidden = leads.indices.filter { agree(expected.floating($0), expected) }
    var texts: [String] = []
    if !hidden.isEmpty {
      texts.append(
        "no current shows where \(hidden.map { leads[$0].text }.joined(separator: ", ")) is"
          + " connected")
    }
    for (first, second) in pairs where !hidden.contains(first) || !hidden.contains(second) {
      if agree(expected.swapped(first, second), expected) {
        texts.append("\(leads[first].text) and \(leads[second].text) could be swapped")
      }
    }
    return texts
  }

  private var pairs: [(Int, Int)] {
    leads.indices.flatMap { first in (first + 1..<leads.count).map { (first, $0) } }
  }

  // MARK: Hypotheses

  private func hypotheses(
    _ measured: ConductanceMatrix
  ) -> [(fault: WiringFault, matrix: ConductanceMatrix)] {
    let expected = expected
    var all: [(WiringFault, ConductanceMatrix)] = []
    for (index, lead) in leads.enumerated() {
      all.append((.open(lead), expected.floating(index)))
      all.append((.reversed(lead), expected.reversed(index)))
      if !meters.contains(index), let factor = amplitude(of: index, measured, expected) {
        all.append((.amplitude(lead, factor: factor), expected.scaled(index, by: factor)))
      }
    }
    for (first, second) in pairs {
      all.append((.swapped(leads[first], leads[second]), expected.swapped(first, second)))
      all += resistance(first, second, measured)
    }
    return all + leads.indices.flatMap { resistance($0, nil, measured) }
  }

  /// The factor of a terminal's currents that fits best; nil if there is none.
  private func amplitude(
    of terminal: Int, _ measured: ConductanceMatrix, _ expected: ConductanceMatrix
  ) -> Double? {
    let products = meters.map { measured[terminal, $0] * expected[terminal, $0] }
    let squares = meters.map { expected[terminal, $0] * expected[terminal, $0] }
    let factor = products.reduce(0, +) / squares.reduce(0, +)
    return factor > 0.01 && factor.isFinite ? factor : nil
  }

  /// Another resistance between two terminals, or one and ground, that fits the measured currents.
  private func resistance(
    _ first: Int, _ second: Int?, _ measured: ConductanceMatrix
  ) -> [(WiringFault, ConductanceMatrix)] {
    let stated = branches.first { $0.joins(first, second) }?.siemens ?? 0
    let found: Double
    if let second, meters.contains(second) {
      found = measured[first, second]
    } else if let second, meters.contains(first) {
      found = measured[second, first]
    } else if second == nil, meters.contains(first) {
      found = stated + expected[first, first] - measured[first, first]
    } else {
      return []
    }
    if found == stated { return [] }
    let siemens = max(found, 0)
    let changed =
      branches.filter { !$0.joins(first, second) }
      + [.init(from: first, to: second, siemens: siemens)]
    return [
      (
        .resistance(
          leads[first], second.map { leads[$0] }, measured: siemens, expected: stated),
        ConductanceMatrix(changed, count: leads.count)
      )
    ]
  }
}
