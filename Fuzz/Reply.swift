@testable import SaltireLinks

/// What bulk-IN brings: a reply is taken or refused, and holds no more than
/// was asked for and sent. The input is the request's tag and a quarter of
/// its size, then transfers, each behind a byte that says how long it is.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = bytes(start, count)
  guard input.count > 2, input[0] > 0 else { return 0 }
  let requested = Int(input[1]) * 4
  let quirks: Set<USBTMCQuirk> = input.count % 2 == 0 ? [] : [.anyTag, .trailingZeros]
  var reply = USBTMCReply(tag: input[0], requested: requested, quirks: quirks)
  var rest = input.dropFirst(2)
  var sent = 0
  while let length = rest.popFirst() {
    let transfer = rest.prefix(Int(length))
    rest = rest.dropFirst(transfer.count)
    sent += transfer.count
    guard let next = try? reply.add(transfer) else { break }
    precondition(reply.content.count <= min(requested, sent))
    if case .done = next { break }
  }
  return 0
}
