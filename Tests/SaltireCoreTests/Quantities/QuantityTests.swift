import SaltireCore
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("1.2 V", Unit.volt, 1.2), ("1.2V", .volt, 1.2), ("-50 mV", .volt, -0.05),
    ("10 nS", .siemens, 1e-8), ("50 ms", .second, 0.05), ("5 min", .second, 300),
    ("2 h", .second, 7200), ("3 µA", .ampere, 3e-6), ("3 uA", .ampere, 3e-6),
    ("1e-3 mV", .volt, 1e-6), ("1 MΩ", .ohm, 1e6), ("2 kOhm", .ohm, 2e3),
    ("0.25", .one, 0.25), (" 7 GHz ", .hertz, 7e9), (".5 s", .second, 0.5),
  ])
  func parses(text: String, unit: Unit, value: Double) throws {
    #expect(try Quantity(parsing: text, as: unit).value == value)
  }

  @Test func readsAPrefixWithoutRoundingTwice() throws {
    #expect(try Quantity(parsing: "0.3 mV", as: .volt).value == 0.0003)
    #expect(try Quantity(parsing: "282.14 nS", as: .siemens).value == 282.14e-9)
  }

  @Test(arguments: [
    ("1.2", Unit.volt, "no unit"), ("1.2 A", .volt, "a current in A"),
    ("5 mS", .second, "a conductance in S"), ("5 ms", .siemens, "a time in s"),
    ("fast", .second, "is not a time"), ("1.2 bogus", .volt, "'bogus' is not a unit"),
    ("nan V", .volt, "is not a voltage"), ("inf V", .volt, "is not a voltage"),
    ("1e999 V", .volt, "is not a voltage"), ("0x10 V", .volt, "'x10 V' is not a unit"),
    ("3 V", .one, "a voltage in V"), ("1_000 V", .volt, "is not a unit"),
  ])
  func refuses(text: String, unit: Unit, reason: String) {
    let error = #expect(throws: QuantityError.self) {
      try Quantity(parsing: text, as: unit)
    }
    #expect(error?.message.contains(reason) == true)
  }

  @Test(arguments: [
    (1.2, Unit.volt, "1.2 V"), (1e-8, .siemens, "10 nS"), (0.05, .second, "50 ms"),
    (0.0, .volt, "0 V"), (-2.5e-7, .ampere, "-250 nA"), (1500, .ohm, "1.5 kΩ"),
    (0.25, .one, "0.25"), (1e-5, .one, "0.00001"), (999.9, .volt, "999.9 V"),
  ])
  func prints(value: Double, unit: Unit, text: String) {
    #expect(Quantity(value, unit).description == text)
  }

  @Test func roundsToSignificantDigits() {
    #expect(Quantity(2.65714e-6, .siemens).formatted(digits: 3) == "2.66 µS")
    #expect(Quantity(0.99999, .volt).formatted(digits: 3) == "1 V")
    #expect(Quantity(123456, .one).formatted(digits: 2) == "120000")
  }

  /// Every printed quantity reads back to the same bits.
  @Test func roundTrips() throws {
    var random = RandomStream(seed: 11)
    for _ in 0..<20_000 {
      let value = (random.uniform() - 0.5) * Double.exp10(random.uniform(-18, 14))
      let unit = Unit.allCases[Int(random.next() % UInt64(Unit.allCases.count))]
      let text = Quantity(value, unit).description
      #expect(try Quantity(parsing: text, as: unit).value == value, "\(text)")
    }
  }

  /// No text, however broken, does more than throw.
  @Test func survivesAnyText() {
    var random = RandomStream(seed: 12)
    let alphabet = Array("0123456789.eE+- µumknVASsΩHz\u{0}\u{301}é")
    for _ in 0..<20_000 {
      let text = String(
        (0..<(random.next() % 9)).map { _ in
          alphabet[Int(random.next() % UInt64(alphabet.count))]
        })
      if let quantity = try? Quantity(parsing: text, as: .volt) {
        #expect(quantity.value.isFinite)
      }
    }
  }
}

extension Double {
  fileprivate static func exp10(_ power: Double) -> Double {
    Double("1e\(Int(power))") ?? 1
  }
}
