import SaltireCore
import Testing

@Suite struct PhiloxTests {
  /// Random123's kat_vectors, philox4x32 10.
  @Test(arguments: [
    (
      SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
      SIMD4<UInt32>(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
      SIMD4<UInt32>(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
    ),
    (
      SIMD4<UInt32>(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
      SIMD2<UInt32>(0xA409_3822, 0x299F_31D0),
      SIMD4<UInt32>(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
    ),
  ])
  func knownAnswer(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>) {
    #expect(Philox.block(counter: counter, key: key) == expected)
  }
}

@Suite struct RandomStreamTests {
  @Test func firstWordsComeFromTheZeroBlock() {
    var stream = RandomStream(seed: 0)
    #expect(stream.next() == 0xE169_C58D_6627_E8D5)
    #expect(stream.next() == 0x9B00_DBD8_BC57_AC4C)
  }

  @Test func streamsOfOneSeedDiffer() {
    var first = RandomStream(seed: 7, name: "device A1")
    var second = RandomStream(seed: 7, name: "device A2")
    var again = RandomStream(seed: 7, name: "device A1")
    let a = (0..<8).map { _ in first.next() }
    #expect(a == (0..<8).map { _ in again.next() })
    #expect(a != (0..<8).map { _ in second.next() })
  }

  /// Moments over 8 seeds of 200,000 deviates; the bounds are 5 standard
  /// errors of each moment.
  @Test func normalMoments() {
    let count = 200_000
    for seed in UInt64(1)...8 {
      var stream = RandomStream(seed: seed)
      var sums = SIMD4<Double>(repeating: 0)
      for _ in 0..<count {
        let z = stream.normal()
        sums += SIMD4(z, z * z, z * z * z, z * z * z * z)
      }
      let m = sums / Double(count)
      let root = Double(count).squareRoot()
      #expect(abs(m[0]) < 5 * 1 / root)
      #expect(abs(m[1] - 1) < 5 * 2.0.squareRoot() / root)
      #expect(abs(m[2]) < 5 * 15.0.squareRoot() / root)
      #expect(abs(m[3] - 3) < 5 * 96.0.squareRoot() / root)
    }
  }

  @Test func uniformStaysInItsInterval() {
    var stream = RandomStream(seed: 3)
    for _ in 0..<100_000 {
      let u = stream.uniform()
      #expect(u >= 0 && u < 1)
    }
  }
}
