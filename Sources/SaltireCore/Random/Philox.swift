/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3", SC11).
///
/// A block is a pure function of a 128-bit counter and a 64-bit key, so a
/// stream can be cut, resumed and spread over threads without a state to
/// carry. Ten rounds; checked against the known-answer vectors of Random123.
public enum Philox {
  /// Four 32-bit words of output, and of counter.
  public typealias Block = SIMD4<UInt32>

  /// The block that belongs to `counter` under `key`.
  @inlinable
  public static func block(counter: Block, key: SIMD2<UInt32>) -> Block {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p0 = UInt64(c[0]) &* 0xD251_1F53
      let p1 = UInt64(c[2]) &* 0xCD9E_8D57
      c = Block(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c[1] ^ k[0],
        UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c[3] ^ k[1],
        UInt32(truncatingIfNeeded: p0))
      k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
    }
    return c
  }
}
