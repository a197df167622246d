import SaltireCore

/// Quantities: what is read is finite, and is written so that it reads the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: bytes(start, count), as: UTF8.self)
  for unit in [Unit.volt, .ampere, .second, .siemens, .one] {
    do throws(QuantityError) {
      let quantity = try Quantity(parsing: text, as: unit)
      precondition(quantity.value.isFinite)
      let again = try? Quantity(parsing: quantity.description, as: unit)
      precondition(again?.value == quantity.value, "\(text.debugDescription): \(quantity)")
    } catch {
      precondition(!error.message.isEmpty)
    }
  }
  return 0
}
