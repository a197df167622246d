/// The periphery of an array in a product: converters, noise, and the scaling of values to their
/// ranges (Rasch, Gokmen and Haensch, arXiv 1906.02698; aihwkit rpu_forward_backward_pass.cpp).
///
/// Inputs are in units of the digital side after noise management, outputs in weight units times
/// input units.
public struct Periphery: Sendable, Equatable {
  /// An A/D or D/A converter.
  public struct Converter: Sendable, Equatable {
    /// Larger values are clipped.
    public var bound: Double
    /// Nil for unlimited resolution.
    public var bits: Int?

    public init(bound: Double, bits: Int? = nil) {
      self.bound = bound
      self.bits = bits
    }

    /// One step, 2 bound / (2^bits − 2); 0 for unlimited resolution.
    public var resolution: Double {
      bits.map { 2 * bound / (Double(1 << $0) - 2) } ?? 0
    }
  }

  /// The scale by which inputs are divided before and outputs multiplied after a product.
  public enum NoiseManagement: Sendable, Equatable {
    case none
    /// A constant.
    case constant(Double)
    /// The largest magnitude of the input, at most `limit`.
    case largest(limit: Double = .infinity)
    /// Keeps every output within its bound if no weight is larger than ``Periphery/assumedWeight``;
    /// at least the largest magnitude of the input (aihwkit AbsMaxNPSum).
    case worstCase
  }

  /// What happens if an output exceeds the converter's bound.
  public enum BoundManagement: String, CaseIterable, Sendable {
    /// They are clipped.
    case none
    /// The product is repeated with halved inputs, as often as needed.
    case iterative
    /// The product is repeated with the scale of ``NoiseManagement/worstCase``, and only then with
    /// halved inputs (aihwkit IterativeWorstCase).
    case worstCase = "worst-case"
  }

  public var input: Converter
  public var output: Converter
  /// Digital inputs are rounded stochastically.
  public var roundsAtRandom = false
  /// Standard deviations of the noise of an input, of an output, and of a weight (as its
  /// contribution to an output).
  public var inputNoise = 0.0
  public var outputNoise = 0.0
  public var weightNoise = 0.0
  public var noiseManagement = NoiseManagement.none
  public var boundManagement = BoundManagement.none
  /// The largest magnitude of a weight that the worst case assumes, in weight units; the default is
  /// the range of aihwkit's devices (nm_assumed_wmax).
  public var assumedWeight = 0.6

  public init(input: Converter, output: Converter) {
    self.input = input
    self.output = output
  }

  /// Ideal periphery.
  public static let perfect = Periphery(
    input: Converter(bound: .infinity), output: Converter(bound: .infinity))

  /// The network simulations of Onen et al. 2022 (M3), for devices with the range ±2: converters of
  /// 7 and 9 bits, integrators that saturate at ±40, output noise 0.02.
  public static var onen2022: Periphery {
    var periphery = Periphery(
      input: Converter(bound: 1, bits: 7), output: Converter(bound: 40, bits: 9))
    periphery.outputNoise = 0.02
    periphery.noiseManagement = .largest()
    periphery.boundManagement = .iterative
    return periphery
  }

  /// Inputs divided by more than this are not halved again (aihwkit max_bm_factor).
  static let largestReduction = 1000.0

  /// Inputs that span less than four converter steps are not halved either (max_bm_res).
  var reductionLimit: Double {
    min(Self.largestReduction, resolutionLimit)
  }

  private var resolutionLimit: Double {
    input.resolution > 0 ? 0.25 / input.resolution : .infinity
  }

  /// The scale of the input at which no output exceeds the bound if all weights were ±
  /// ``assumedWeight`` with the most unfavourable signs.
  ///
  /// - Parameters:
  ///   - largest: the largest magnitude of the input.
  ///   - positive, negative: the sum of its positive values and the magnitude of that of its
  ///     negative ones.
  func worstCaseScale(largest: Double, positive: Double, negative: Double) -> Double {
    let bound = output.bound.isFinite ? output.bound : 1
    let wanted = max(positive, negative) * assumedWeight / bound
    return max(largest, min(wanted, largest * resolutionLimit))
  }
}
