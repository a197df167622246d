import SaltireCore

/// YAML of a bench or a protocol: read, or refused at a place in it, and never more than
/// the limits allow, whatever aliases stand for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: bytes(start, count), as: UTF8.self)
  let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  do throws(Diagnostics) {
    let document = try Document(name: "fuzz", text: text)
    let reader = Reader(document)
    for key in reader.keys {
      _ = reader.has(Key.text(key, ""))
      _ = reader[Key.quantity(key, .volt, "")]
      _ = reader[Key.numbers(key, "")]
      _ = reader.section(SectionKey(key, absent: "", "", [])).keys
    }
    try reader.finish()
  } catch {
    precondition(!error.rendered.isEmpty && error.items.count <= 51)
    for case let place? in error.items.map(\.location) {
      precondition(place.line >= 1 && place.line <= max(lines.count, 1) && place.column >= 1)
    }
  }
  return 0
}
