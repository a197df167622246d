import Foundation

/// A small dense symmetric matrix, or its triangular factor.
struct SymmetricMatrix: Sendable {
  let count: Int
  private var values: [Double]

  /// Zero.
  init(_ count: Int) {
    self.count = count
    values = [Double](repeating: 0, count: count * count)
  }

  subscript(_ row: Int, _ column: Int) -> Double {
    get { values[row * count + column] }
    set { values[row * count + column] = newValue }
  }

  /// Adds a smaller matrix on the diagonal, from `offset`.
  mutating func add(_ block: SymmetricMatrix, at offset: Int) {
    for row in 0..<block.count {
      for column in 0..<block.count { self[offset + row, offset + column] += block[row, column] }
    }
  }

  /// The Cholesky factor; nil if the matrix is not positive definite.
  func factor() -> Factor? {
    var factor = Factor(matrix: self)
    return factor.decompose() ? factor : nil
  }

  /// A lower triangular L with L·Lᵀ equal to a matrix.
  struct Factor: Sendable {
    fileprivate var matrix: SymmetricMatrix

    fileprivate mutating func decompose() -> Bool {
      let count = matrix.count
      for column in 0..<count {
        var rest = matrix[column, column]
        for k in 0..<column { rest -= matrix[column, k] * matrix[column, k] }
        guard rest > 0, rest.isFinite else { return false }
        let root = rest.squareRoot()
        matrix[column, column] = root
        for row in column + 1..<max(count, column + 1) {
          var sum = matrix[row, column]
          for k in 0..<column { sum -= matrix[row, k] * matrix[column, k] }
          matrix[row, column] = sum / root
        }
      }
      return true
    }

    /// The natural logarithm of the determinant of the matrix.
    var logDeterminant: Double {
      (0..<matrix.count).reduce(0) { $0 + 2 * log(matrix[$1, $1]) }
    }

    /// The solution of L·Lᵀ·x = b.
    func solution(of b: [Double]) -> [Double] {
      var x = b
      for row in 0..<matrix.count {
        for k in 0..<row { x[row] -= matrix[row, k] * x[k] }
        x[row] /= matrix[row, row]
      }
      return upper(x)
    }

    /// The solution of Lᵀ·x = b: for independent standard normal b, a vector whose covariance is the
    /// inverse of the matrix.
    func upper(_ b: [Double]) -> [Double] {
      var x = b
      for row in stride(from: matrix.count - 1, through: 0, by: -1) {
        for k in row + 1..<max(matrix.count, row + 1) { x[row] -= matrix[k, row] * x[k] }
        x[row] /= matrix[row, row]
      }
      return x
    }
  }
}
