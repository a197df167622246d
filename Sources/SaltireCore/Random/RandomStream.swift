#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One reproducible stream of random numbers: Philox4x32-10 keyed by a seed,
/// with the upper half of the counter naming the stream.
///
/// Streams of one seed never overlap (each has 2^64 blocks), so every device,
/// meter and experiment owns one, and what one draws never shifts another.
///
/// How numbers are made, so that another program can make them too:
/// * `next()` is the two 32-bit words of a block joined low word first; a
///   block serves two calls.
/// * `uniform()` is the upper 53 bits of `next()` times 2^-53: [0, 1).
/// * `normal()` is Box–Muller on two uniforms u, v in that order:
///   √(−2 ln(1−u)) · cos(2πv) first, then the same root times sin(2πv).
public struct RandomStream: Sendable, RandomNumberGenerator {
  private let key: SIMD2<UInt32>
  private let stream: SIMD2<UInt32>
  private var block: UInt64 = 0
  private var spare: UInt64 = 0
  private var hasSpare = false
  private var spareNormal = 0.0
  private var hasSpareNormal = false

  /// The stream `stream` of `seed`, from its beginning.
  public init(seed: UInt64, stream: UInt64 = 0) {
    key = Self.words(seed)
    self.stream = Self.words(stream)
  }

  /// The stream of `seed` that `name` stands for: the 64-bit FNV-1a hash of
  /// its UTF-8 bytes. Names are how the parts of a lab get streams of their
  /// own ("device A1", "noise RA").
  public init(seed: UInt64, name: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.init(seed: seed, stream: hash)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if hasSpare {
      hasSpare = false
      return spare
    }
    let index = Self.words(block)
    let out = Philox.block(
      counter: SIMD4(index[0], index[1], stream[0], stream[1]), key: key)
    block &+= 1
    spare = UInt64(out[2]) | UInt64(out[3]) << 32
    hasSpare = true
    return UInt64(out[0]) | UInt64(out[1]) << 32
  }

  /// A uniform deviate in [0, 1), a multiple of 2^-53.
  @inline(__always)
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform deviate in [low, high).
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// A standard normal deviate: mean 0, variance 1.
  public mutating func normal() -> Double {
    if hasSpareNormal {
      hasSpareNormal = false
      return spareNormal
    }
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spareNormal = radius * sin(angle)
    hasSpareNormal = true
    return radius * cos(angle)
  }

  private static func words(_ value: UInt64) -> SIMD2<UInt32> {
    SIMD2(UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
  }
}
