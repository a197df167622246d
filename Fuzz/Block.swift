@testable import SaltireLinks

/// Blocks of arbitrary data: what is one comes back the same however it is
/// written, and its header says where it ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let (whole, pieces) = pieces(bytes(start, count))
  if case .definite(let header, let size)? = DataBlock.Header(whole) {
    precondition((3...11).contains(header) && header <= whole.count && size >= 0)
  }
  if let content = try? DataBlock.content(of: whole) {
    precondition(content.count <= whole.count)
    precondition((try? DataBlock.content(of: DataBlock.wrap(content))) == content)
  }
  // A buffer cuts the same messages whether bytes come at once or not.
  var buffer = MessageBuffer()
  var inPieces: [[UInt8]] = []
  for piece in pieces {
    buffer.append(piece)
    while let message = buffer.take(.block, searched: 0) { inPieces.append(message) }
  }
  var atOnce = MessageBuffer()
  atOnce.append(whole)
  for message in inPieces { precondition(atOnce.take(.block, searched: 0) == message) }
  precondition(atOnce.take(.block, searched: 0) == nil && atOnce.takeAll() == buffer.takeAll())
  return 0
}
