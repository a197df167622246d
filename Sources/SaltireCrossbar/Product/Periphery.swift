/// What stands around an array when it multiplies: converters, noise, and the
/// scaling that fits values into their ranges (Rasch, Gokmen and Haensch,
/// arXiv 1906.02698; aihwkit rpu_forward_backward_pass.cpp).
///
/// Units of inputs are those of the digital side after management, units of
/// outputs are weight units times input units.
public struct Periphery: Sendable, Equatable {
  /// A converter between numbers and voltages or charges.
  public struct Converter: Sendable, Equatable {
    /// Values beyond are clipped.
    public var bound: Double
    /// nil for a converter of unlimited resolution.
    public var bits: Int?

    public init(bound: Double, bits: Int? = nil) {
      self.bound = bound
      self.bits = bits
    }

    /// One step, 2 bound / (2^bits − 2); 0 without a limit.
    public var resolution: Double {
      bits.map { 2 * bound / (Double(1 << $0) - 2) } ?? 0
    }
  }

  /// What inputs are divided by before, and outputs multiplied with after.
  public enum NoiseManagement: Sendable, Equatable {
    case none
    /// A constant.
    case constant(Double)
    /// The largest magnitude of the input, at most `limit`.
    case largest(limit: Double = .infinity)
    /// As much as keeps every output within its bound if no weight is larger
    /// than ``Periphery/assumedWeight``; at least the largest magnitude of the
    /// input (aihwkit AbsMaxNPSum).
    case worstCase
  }

  /// What happens to outputs beyond the converter's bound.
  public enum BoundManagement: String, CaseIterable, Sendable {
    /// They are clipped.
    case none
    /// The product is done again with the input halved, as long as it takes.
    case iterative
    /// The product is done again as ``NoiseManagement/worstCase`` scales it,
    /// and only then with the input halved (aihwkit IterativeWorstCase).
    case worstCase = "worst-case"
  }

  public var input: Converter
  public var output: Converter
  /// Digital inputs are rounded up or down at random.
  public var roundsAtRandom = false
  /// Standard deviations: of an input, of an output, and of a weight (as what
  /// it adds to an output).
  public var inputNoise = 0.0
  public var outputNoise = 0.0
  public var weightNoise = 0.0
  public var noiseManagement = NoiseManagement.none
  public var boundManagement = BoundManagement.none
  /// The largest magnitude of a weight that worst cases reckon with, weight
  /// units; the default is the range of aihwkit's devices (nm_assumed_wmax).
  public var assumedWeight = 0.6

  public init(input: Converter, output: Converter) {
    self.input = input
    self.output = output
  }

  /// Nothing between the numbers and the weights.
  public static let perfect = Periphery(
    input: Converter(bound: .infinity), output: Converter(bound: .infinity))

  /// The network simulations of Onen et al. 2022 (M3), for devices of the range
  /// ±2: converters of 7 and 9 bits, integrators that saturate at ±40, noise
  /// 0.02 at the output.
  public static var onen2022: Periphery {
    var periphery = Periphery(
      input: Converter(bound: 1, bits: 7), output: Converter(bound: 40, bits: 9))
    periphery.outputNoise = 0.02
    periphery.noiseManagement = .largest()
    periphery.boundManagement = .iterative
    return periphery
  }

  /// Inputs that have been divided by more than this are not halved again
  /// (aihwkit max_bm_factor).
  static let largestReduction = 1000.0

  /// Nor are those that span less than four steps of their converter
  /// (max_bm_res).
  var reductionLimit: Double {
    min(Self.largestReduction, resolutionLimit)
  }

  private var resolutionLimit: Double {
    input.resolution > 0 ? 0.25 / input.resolution : .infinity
  }

  /// What divides an input so that no output passes the bound, were all weights
  /// ± ``assumedWeight`` with the signs that do most.
  ///
  /// - Parameters:
  ///   - largest: the largest magnitude of the input.
  ///   - positive, negative: the sum of its positive values and the magnitude of
  ///     that of its negative ones.
  func worstCaseScale(largest: Double, positive: Double, negative: Double) -> Double {
    let bound = output.bound.isFinite ? output.bound : 1
    let wanted = max(positive, negative) * assumedWeight / bound
    return max(largest, min(wanted, largest * resolutionLimit))
  }
}
