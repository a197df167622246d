import SaltireInstruments
import SaltireSimulation

/// Whole simulated instruments: the same answers however the bytes come, and
/// an identity behind whatever was no open block.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let (whole, pieces) = pieces(bytes(start, count))
  for family in families {
    let lab = Shelf.lab(family)
    let cut = Shelf.lab(family)
    let atOnce = lab.answer(whole)
    precondition(atOnce == pieces.flatMap { cut.answer($0) })
    if whole.contains(UInt8(ascii: "#")) { continue }
    let reply = lab.answer(Array("\n*IDN?\n".utf8))
    let lines = reply.split { $0 == 10 || $0 == 13 }.map { String(decoding: $0, as: UTF8.self) }
    precondition(lines.last.flatMap { Identity(reply: $0) } != nil)
  }
  return 0
}

private let families = ["keithley/2400", "keysight/33522b"]
