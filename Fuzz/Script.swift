import SaltireInstruments
import SaltireSimulation

/// A simulated instrument that runs scripts: it still says who it is after
/// any of them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let lab = Shelf.lab("keithley/2602b")
  _ = lab.receive(bytes(start, count), at: "it")
  // It may be loading a script.
  _ = lab.receive(Array("\nendscript\n".utf8), at: "it")
  let reply = lab.receive(Array("*IDN?\n".utf8), at: "it")
  precondition(Identity(reply: String(decoding: reply, as: UTF8.self)) != nil)
  precondition(lab.now().isFinite)
  return 0
}
