/// When and which columns Stochastic Hamiltonian Descent transfers from array A to array C (Onen et
/// al. 2022, M2).
///
/// After every τ-th sample one column u = e_j of A is read, with j cycling through the inputs; with
/// `allColumns`, all of them, one after the other.
public struct TransferSchedule: Sendable, Equatable {
  /// τ: the number of samples between transfers.
  public var period: Int
  /// The number of inputs of the arrays.
  public var inputs: Int
  /// Whether to transfer all columns each time.
  public var allColumns: Bool

  public init(period: Int, inputs: Int, allColumns: Bool = false) {
    self.period = period
    self.inputs = inputs
    self.allColumns = allColumns
  }

  /// The columns to transfer after sample `sample`, counted from 1.
  public func columns(after sample: Int) -> Range<Int> {
    guard sample % period == 0 else { return 0..<0 }
    if allColumns { return 0..<inputs }
    let column = (sample / period - 1) % inputs
    return column..<(column + 1)
  }
}

/// The constants of the damped oscillation of A and C near the optimum: `A' = −α(C−C₀) − λA`, `C' =
/// βA` per sample.
public struct HamiltonianConstants: Sendable, Equatable {
  /// α = η_A ⟨x²⟩, the stiffness.
  public var stiffness: Double
  /// β = η_C / (τ m_u), with m_u columns taking turns.
  public var mobility: Double

  public init(
    fastRate: Double, coreRate: Double, inputPower: Double, schedule: TransferSchedule
  ) {
    stiffness = fastRate * inputPower
    let turns = schedule.allColumns ? 1 : schedule.inputs
    mobility = coreRate / (Double(schedule.period) * Double(turns))
  }

  /// s = √(β/α): in the plane (C − C₀, s A) the undamped orbit is a circle.
  public var aspect: Double { (mobility / stiffness).squareRoot() }

  /// Samples for one turn, 2π/√(αβ).
  public var period: Double { 2 * .pi / (stiffness * mobility).squareRoot() }
}
