import SaltireCore
import Testing

@testable import SaltireFigures

/// One size has one prefix, whatever prints it.
@Suite struct PrefixTests {
  @Test(arguments: [
    (2e-18, "aC"), (2e-14, "fC"), (2e-12, "pC"), (2e-6, "µC"), (2, "C"), (2e8, "MC"),
    (2e9, "GC"), (2e12, "TC"), (2e15, "PC"),
  ])
  func everyPrinterAgrees(value: Double, unit: String) throws {
    let text = Quantity(value, .coulomb).description
    #expect(text.hasSuffix(" \(unit)"), "\(text)")
    #expect(try Quantity(parsing: text, as: .coulomb).value == value)
    #expect(uncertain(value, unit: "C").hasSuffix(" \(unit)"))
    let scale = EngineeringScale([value, value / 10], unit: "C")
    #expect(scale.unit == unit && (1..<1000).contains(scale(value)))
  }
}
