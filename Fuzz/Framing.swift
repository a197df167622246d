import SaltireLinks
@testable import SaltireSimulation

/// Where messages and blocks end: the same however the bytes come.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let (whole, pieces) = pieces(bytes(start, count))
  if case .definite(let header, let size)? = DataBlock.Header(whole) {
    precondition((3...11).contains(header) && size >= 0 && header <= whole.count)
  }
  var buffer: [UInt8] = []
  var inPieces: [[UInt8]] = []
  for piece in pieces {
    buffer += piece
    inPieces += messages(in: &buffer)
  }
  var all = whole
  let atOnce = messages(in: &all)
  precondition(atOnce == inPieces && all == buffer)
  return 0
}

private func messages(in buffer: inout [UInt8]) -> [[UInt8]] {
  var messages: [[UInt8]] = []
  while let length = messageLength(buffer) {
    precondition((1...buffer.count).contains(length))
    messages.append(Array(buffer.prefix(length)))
    buffer.removeFirst(length)
  }
  return messages
}
