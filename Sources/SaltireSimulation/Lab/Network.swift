/// How a channel drives its node.
enum Drive: Equatable {
  /// Open circuit.
  case open
  /// A voltage source with a current limit in amperes.
  case voltage(Double, limit: Double)
  /// A current source with a voltage limit in volts.
  case current(Double, limit: Double)
  /// A voltage source with a series resistance.
  case behind(Double, ohms: Double)
}

/// Solves a network of sources and conductances by Kirchhoff's current law.
///
/// A source at its limit becomes a source of the other kind (compliance), which is resolved by
/// iteration. A node without any connection has a weak leak to ground.
struct Network {
  /// A conductance between two nodes; nil is ground.
  struct Branch {
    var from: Int?
    var to: Int?
    var siemens: Double
  }

  /// A source at a node.
  struct Source {
    var node: Int
    var drive: Drive
  }

  struct Solution {
    /// By node.
    var voltages: [Double]
    /// Out of each source into its node.
    var currents: [Double]
    /// Whether each source is in compliance.
    var isLimited: [Bool]
  }

  static let leak = 1e-15

  /// The voltages and currents of a network of `count` nodes.
  static func solve(nodes count: Int, branches: [Branch], sources: [Source]) -> Solution {
    // The effective drive of each source, including compliance.
    var acting = sources.map(\.drive)
    var isLimited = [Bool](repeating: false, count: sources.count)
    var voltages = [Double](repeating: 0, count: count)
    var currents = [Double](repeating: 0, count: sources.count)
    // Changes one source per round, the one furthest beyond its limit: changing several at once may
    // leave a part of the network without a voltage reference.
    for _ in 0..<(4 + 4 * sources.count) {
      voltages = nodeVoltages(count, branches, sources, acting)
      currents = sourceCurrents(voltages, branches, sources, acting)
      var change: (index: Int, excess: Double, drive: Drive, isLimited: Bool)?
      for (index, source) in sources.enumerated() {
        let (voltage, current) = (voltages[source.node], currents[index])
        var excess = 0.0
        var drive = acting[index]
        switch (source.drive, acting[index]) {
        case (.voltage(_, let limit), .voltage):
          excess = abs(current) / limit - 1
          drive = .current(current > 0 ? limit : -limit, limit: .infinity)
        case (.current(_, let limit), .current):
          excess = abs(voltage) / limit - 1
          drive = .voltage(voltage > 0 ? limit : -limit, limit: .infinity)
        // Returns to normal operation if that would need less than the limit.
        case (.voltage(let level, _), .current(let acting, _)):
          if acting > 0 ? voltage > level : voltage < level { excess = 1e-6 }
          drive = source.drive
        case (.current(let level, _), .voltage(let held, _)):
          if held > 0 ? current > level : current < level { excess = 1e-6 }
          drive = source.drive
        default: break
        }
        if excess > 1e-9, excess > change?.excess ?? 0 {
          change = (index, excess, drive, !isLimited[index])
        }
      }
      guard let change else { break }
      acting[change.index] = change.drive
      isLimited[change.index] = change.isLimited
    }
    return Solution(voltages: voltages, currents: currents, isLimited: isLimited)
  }

  /// Solves for the nodes without a voltage source.
  private static func nodeVoltages(
    _ count: Int, _ branches: [Branch], _ sources: [Source], _ acting: [Drive]
  ) -> [Double] {
    var voltages = [Double](repeating: 0, count: count)
    var isHeld = [Bool](repeating: false, count: count)
    for (source, drive) in zip(sources, acting) {
      if case .voltage(let level, _) = drive {
        voltages[source.node] = level
        isHeld[source.node] = true
      }
    }
    let free = (0..<count).filter { !isHeld[$0] }
    if free.isEmpty { return voltages }
    var row = [Int](repeating: -1, count: count)
    for (index, node) in free.enumerated() { row[node] = index }
    let width = free.count + 1
    // One row for each free node: conductances, and the current into the node.
    var matrix = [Double](repeating: 0, count: free.count * width)
    for branch in branches {
      add(branch, from: branch.from, to: branch.to)
      add(branch, from: branch.to, to: branch.from)
    }
    for (source, drive) in zip(sources, acting) where row[source.node] >= 0 {
      let index = row[source.node]
      switch drive {
      case .open, .voltage: break
      case .current(let level, _): matrix[index * width + width - 1] += level
      case .behind(let level, let ohms):
        matrix[index * width + index] += 1 / ohms
        matrix[index * width + width - 1] += level / ohms
      }
    }
    // Only for nodes without any conductance; elsewhere it would be a small error.
    for index in free.indices where matrix[index * width + index] == 0 {
      matrix[index * width + index] = leak
    }
    let solved = eliminate(&matrix, count: free.count)
    for (index, node) in free.enumerated() { voltages[node] = solved[index] }
    return voltages

    func add(_ branch: Branch, from: Int?, to: Int?) {
      guard let from, row[from] >= 0 else { return }
      let index = row[from]
      matrix[index * width + index] += branch.siemens
      guard let to else { return }
      if row[to] >= 0 {
        matrix[index * width + row[to]] -= branch.siemens
      } else {
        matrix[index * width + width - 1] += branch.siemens * voltages[to]
      }
    }
  }

  /// Gaussian elimination with partial pivoting. In a part of the network without a voltage
  /// reference the last pivot is 0 and is replaced by the leak.
  private static func eliminate(_ matrix: inout [Double], count: Int) -> [Double] {
    let width = count + 1
    for column in 0..<count {
      var pivot = column
      for row in column..<count
      where abs(matrix[row * width + column]) > abs(matrix[pivot * width + column]) {
        pivot = row
      }
      if pivot != column {
        for k in 0..<width { matrix.swapAt(column * width + k, pivot * width + k) }
      }
      if matrix[column * width + column] == 0 { matrix[column * width + column] = leak }
      for row in (column + 1)..<max(count, column + 1) {
        let factor = matrix[row * width + column] / matrix[column * width + column]
        if factor == 0 { continue }
        for k in column..<width { matrix[row * width + k] -= factor * matrix[column * width + k] }
      }
    }
    var solution = [Double](repeating: 0, count: count)
    for row in stride(from: count - 1, through: 0, by: -1) {
      var sum = matrix[row * width + count]
      for k in (row + 1)..<max(count, row + 1) { sum -= matrix[row * width + k] * solution[k] }
      solution[row] = sum / matrix[row * width + row]
    }
    return solution
  }

  /// The current of each source into its node.
  private static func sourceCurrents(
    _ voltages: [Double], _ branches: [Branch], _ sources: [Source], _ acting: [Drive]
  ) -> [Double] {
    return zip(sources, acting).map { (source, drive) -> Double in
      switch drive {
      case .open: return 0
      case .current(let level, _): return level
      case .behind(let level, let ohms): return (level - voltages[source.node]) / ohms
      case .voltage:
        return branches.reduce(0.0) { sum, branch in
          if branch.from == source.node {
            return sum + branch.siemens * (voltages[source.node] - level(branch.to))
          }
          if branch.to == source.node {
            return sum + branch.siemens * (voltages[source.node] - level(branch.from))
          }
          return sum
        }
      }
    }

    func level(_ node: Int?) -> Double { node.map { voltages[$0] } ?? 0 }
  }
}
