import SaltireCore
import Testing

@Suite struct UncertainTests {
  @Test(
    arguments: [
      (2.6571e-6, 0.0123e-6, "S", "2.657 ± 0.012 µS"),
      (2.6571e-6, nil, "S", "2.657 µS"),
      (2.6571e-6, 0, "S", "2.657 µS"),
      (2.6571e-6, Double.nan, "S", "2.657 µS"),
      (-0.5, 0.001, "V", "−500.0 ± 1.0 mV"),
      // Rounding moves the error up a place, and the value up a prefix.
      (1, 0.0996, "V", "1.00 ± 0.10 V"),
      (999.96e-9, 0.0996e-9, "S", "999.96 ± 0.10 nS"),
      (999.9999e-9, 1.0e-9, "S", "1.0000 ± 0.0010 µS"),
      (999.99e-9, nil, "S", "1.000 µS"),
      // The larger of the two sets the prefix.
      (1e-9, 3e-6, "S", "0.0 ± 3.0 µS"),
      (-1e-9, 3e-6, "S", "0.0 ± 3.0 µS"),
      (123_456, 1234, "", "123500 ± 1200"),
      (123_456, 1234, "Hz", "123.5 ± 1.2 kHz"),
      (1.5e-7, 2e-9, "", "(150.0 ± 2.0) × 10⁻⁹"),
      (0.25, 0.013, "", "0.250 ± 0.013"),
      (0, nil, "A", "0.000 A"),
      (2.5e-25, nil, "F", "250.0 × 10⁻²⁷ F"),
      (.infinity, 1, "S", "undefined (S)"),
    ] as [(Double, Double?, String, String)])
  func examples(value: Double, error: Double?, unit: String, text: String) {
    #expect(uncertain(value, standardError: error, unit: unit) == text)
  }
}
