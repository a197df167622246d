/// How a learning rate becomes a stochastic pulse train: the train length and
/// the gains that turn line values into firing probabilities.
///
/// Update management (UM) shares the range between the two sides, BL
/// management (UBLM) shortens the train to what the update needs; both as in
/// aihwkit's `rpu_pulsed_meta_parameter.cpp` (`calculateBlAB`,
/// `performUpdateManagement`), where the code, not its documentation, counts:
/// gains go with the square roots.
public struct UpdateManagement: Sendable, Equatable {
  /// The longest train, in slots (aihwkit's desired BL).
  public var maximumLength: Int
  /// Share the probability range between inputs and errors.
  public var balancesGains: Bool
  /// Shorten the train to the update's size; implies `balancesGains`.
  public var adaptsLength: Bool
  /// Multiplies the largest error where gains are balanced (`um_grad_scale`).
  public var gradientScale: Double

  public init(
    maximumLength: Int = 31, balancesGains: Bool = true, adaptsLength: Bool = true,
    gradientScale: Double = 1
  ) {
    self.maximumLength = maximumLength
    self.balancesGains = balancesGains || adaptsLength
    self.adaptsLength = adaptsLength
    self.gradientScale = gradientScale
  }

  /// At most one slot, and no gain moved between the sides: a request in whole pulses gives exactly
  /// these pulses.
  public static let single = UpdateManagement(
    maximumLength: 1, balancesGains: false, adaptsLength: false)

  /// The train for one update `w ← w − rate · δ xᵀ`.
  public struct Train: Sendable, Equatable {
    /// The number of slots; 0 if there is nothing to update.
    public var length: Int
    /// Times |δ|: the probability that an error line fires (A).
    public var errorGain: Double
    /// Times |x|: the probability that an input line fires (B).
    public var inputGain: Double

    public init(length: Int, errorGain: Double, inputGain: Double) {
      self.length = length
      self.errorGain = errorGain
      self.inputGain = inputGain
    }
  }

  /// The train that makes `E[Δw] = −rate · δ x` for devices whose mean step
  /// is `granularity`, as long as nothing clips.
  ///
  /// - Parameters:
  ///   - rate: the learning rate, weight units per unit of δx.
  ///   - largestInput: max |x| over the input lines.
  ///   - largestError: max |δ| over the error lines.
  ///   - granularity: the mean step of one pulse, in weight units, > 0.
  public func train(
    rate: Double, largestInput: Double, largestError: Double, granularity: Double
  ) -> Train {
    guard rate > 0 else { return Train(length: 0, errorGain: 0, inputGain: 0) }
    guard largestInput > 0, largestError > 0 else {
      return Train(length: 0, errorGain: 1, inputGain: 1)
    }
    var error = gradientScale * largestError
    let pulses = rate * largestInput * error / granularity
    var length = maximumLength
    // Compared before the conversion, because it may exceed Int.
    if adaptsLength, pulses < Double(maximumLength) { length = Int(pulses.rounded(.up)) }
    let gain = (rate / (granularity * Double(length))).squareRoot()
    guard balancesGains else { return Train(length: length, errorGain: gain, inputGain: gain) }
    if pulses > Double(maximumLength) { error *= Double(maximumLength) / pulses }
    return Train(
      length: length,
      errorGain: gain * (largestInput / error).squareRoot(),
      inputGain: gain * (error / largestInput).squareRoot())
  }
}
