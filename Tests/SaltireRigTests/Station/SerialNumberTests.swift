import SaltireCore
import TestRigs
import Testing

/// `serial` of an instrument in a bench file.
@Suite struct SerialNumberTests {
  /// A wrong address is the only error: the serial number beside it is a known key.
  @Test func aWrongAddressHidesNoSerialNumber() throws {
    let error = #expect(throws: Diagnostics.self) {
      try Shipped.bench(
        "simulated-2400",
        ["instruments.gate.resource=nonsense", "instruments.gate.serial=1234567"])
    }
    let messages = error?.items.map(\.message) ?? []
    #expect(messages.contains { $0.contains("'nonsense' is not a resource name") }, "\(messages)")
    #expect(!messages.contains { $0.contains("unknown key") }, "\(messages)")
  }
}
