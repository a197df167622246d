@testable import SaltireInstruments

/// Replies to `*IDN?` and to questions for the error queue.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let reply = String(decoding: bytes(start, count), as: UTF8.self)
  if let identity = Identity(reply: reply) {
    precondition(!identity.manufacturer.isEmpty && !identity.model.isEmpty)
    let fields = [identity.manufacturer, identity.model, identity.serial, identity.firmware]
    precondition(Identity(reply: fields.joined(separator: ",")) == identity)
  }
  _ = ErrorReport(scpi: reply)
  _ = ErrorReport(tsp: reply)
  precondition(!Dialogue.fields(reply).isEmpty)
  return 0
}
