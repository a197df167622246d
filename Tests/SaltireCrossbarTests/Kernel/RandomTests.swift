import CCrossbar
import Foundation
import SaltireCore
import Testing

@testable import SaltireCrossbar

@Suite struct RandomTests {
  @Test(arguments: Kernel.available.map(\.name))
  func wordsAreThoseOfTheScalarGenerator(name: String) throws {
    let kernel = try #require(Kernel.available.first { $0.name == name })
    let stream = crossbar_stream(key: (0xDEAD_BEEF, 0x1234_5678), epoch: 0x0ABC_DEF0_1357_9BDF)
    var words = [UInt32](repeating: 0, count: 4 * 37)
    kernel.functions.words(stream, 5, 0xFFFF_FFF7, 0xFFFF_FFF0, 37, &words)
    for block in 0..<37 {
      let expected = Philox.block(
        counter: SIMD4(
          0xFFFF_FFF0 &+ UInt32(block), 0xFFFF_FFF7, 0x1357_9BDF, 0x0ABC_DEF0 | 5 << 28),
        key: SIMD2(0xDEAD_BEEF, 0x1234_5678))
      for word in 0..<4 { #expect(words[4 * block + word] == expected[word]) }
    }
  }

  /// Deviates are Box and Muller's of the generator's words, on every kernel
  /// the same bits.
  @Test func normalsAreBoxAndMullersOfTheWords() {
    let stream = crossbar_stream(key: (1, 2), epoch: 3)
    let count = 1 << 16
    var words = [UInt32](repeating: 0, count: count)
    var all: [[Float]] = []
    for kernel in Kernel.available {
      var deviates = [Float](repeating: 0, count: count)
      kernel.functions.normals(stream, 4, 9, UInt32(count), &deviates)
      kernel.functions.words(stream, 4, 9, 0, UInt32(count / 4), &words)
      all.append(deviates)
    }
    #expect(all.allSatisfy { $0 == all[0] })
    var worst = 0.0
    for block in 0..<count / 4 {
      for half in 0..<2 {
        let radius = Double(words[4 * block + 2 * half] >> 1 | 1) * 0x1p-31
        let angle = Double(words[4 * block + 2 * half + 1])
        let r = (-2 * log(radius)).squareRoot()
        // The quadrants begin at -45 degrees.
        let turn = 2 * Double.pi * angle * 0x1p-32 - Double.pi / 4
        let at = block / 16 * 64 + 32 * half + block % 16
        worst = max(worst, abs(Double(all[0][at]) - r * cos(turn)))
        worst = max(worst, abs(Double(all[0][at + 16]) - r * sin(turn)))
      }
    }
    #expect(worst < 4e-6)
  }

  @Test func normalsAreNormal() {
    for seed in 0..<8 as Range<UInt32> {
      let stream = crossbar_stream(key: (seed, 77), epoch: 1)
      var deviates = [Float](repeating: 0, count: 1 << 17)
      Kernel.fastest.functions.normals(stream, 3, 0, UInt32(deviates.count), &deviates)
      let values = deviates.map(Double.init)
      let p = kolmogorovSmirnov(values) { 0.5 * erfc(-$0 / 2.0.squareRoot()) }
      #expect(p > 0.001, "seed \(seed)")
      let (mean, variance) = moments(values)
      let n = Double(values.count)
      #expect(abs(mean) < 4 / n.squareRoot(), "seed \(seed)")
      #expect(abs(variance - 1) < 4 * (2 / n).squareRoot(), "seed \(seed)")
      let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
      #expect(abs(fourth - 3) < 4 * (96 / n).squareRoot(), "seed \(seed)")
      // Neighbours share a radius; they must not share anything else.
      let lagged = zip(values, values.dropFirst(16)).reduce(0) { $0 + $1.0 * $1.1 } / n
      #expect(abs(lagged) < 4 / n.squareRoot(), "seed \(seed)")
    }
  }
}
