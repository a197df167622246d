import SaltireCore
import Testing

/// Counts and places that come from outside.
@Suite struct OutsideTests {
  @Test func nothingIsTakenThatIsNotThere() {
    let bytes: [UInt8] = [1, 2, 3]
    #expect(bytes.element(at: 2) == 3)
    #expect(bytes[1...].element(at: 0) == 2)
    for place in [-1, 3, .min, .max] { #expect(bytes.element(at: place) == nil) }
    #expect(bytes.elements(at: 1, count: 2) == [2, 3])
    #expect(bytes.elements(at: 3, count: 0) == [])
    for (place, count) in [(1, 3), (-1, 1), (0, -1), (0, .max), (.max, 1), (4, 0), (.min, .min)] {
      #expect(bytes.elements(at: place, count: count) == nil)
    }
  }

  @Test(arguments: [-1, 0.5, 11, 1e30, -.infinity, .infinity, .nan, -.leastNonzeroMagnitude])
  func whatIsNoCountIsNone(number: Double) { #expect(Int(count: number, upTo: 10) == nil) }

  @Test func countsAreCounts() {
    #expect(Int(count: 0, upTo: 10) == 0 && Int(count: 10, upTo: 10) == 10)
    #expect(Int(count: 0x1p62, upTo: .max) == 1 << 62)
  }
}
