import SaltireInstruments
import SaltireSimulation

/// A simulated instrument that runs scripts: it still says who it is after
/// any of them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let lab = Shelf.lab("keithley/2602b")
  _ = lab.answer(bytes(start, count))
  // It may be loading a script.
  _ = lab.answer(Array("\nendscript\n".utf8))
  let reply = lab.answer(Array("*IDN?\n".utf8))
  precondition(Identity(reply: String(decoding: reply, as: UTF8.self)) != nil)
  precondition(lab.now().isFinite)
  return 0
}
