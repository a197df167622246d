@testable import SaltireSimulation

/// SCPI messages: what parses has a header, and means the same when it is
/// written out again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = bytes(start, count)
  for case .success(let unit) in MessageUnit.parse(input) {
    precondition(!unit.header.isEmpty && !unit.header.contains("?"))
    for case .plain(let text) in unit.arguments { _ = try? SCPIValue.number(text) }
    guard let written = unit.written else { continue }
    precondition(MessageUnit.parse(written) == [.success(unit)])
  }
  if let notation = Notation(String(decoding: input, as: UTF8.self)) {
    precondition(notation.words.contains { !$0.isOptional })
  }
  return 0
}

extension MessageUnit {
  /// As a message; nil where an argument was not written as it now reads.
  fileprivate var written: [UInt8]? {
    var bytes = Array((header + (isQuery ? "?" : "")).utf8)
    for (index, argument) in arguments.enumerated() {
      bytes.append(UInt8(ascii: index == 0 ? " " : ","))
      switch argument {
      case .plain(let text):
        if text.contains("\u{FFFD}") { return nil }
        bytes += Array(text.utf8)
      case .quoted(let text):
        if text.contains("\u{FFFD}") { return nil }
        bytes += Array("\"".utf8)
        for byte in text.utf8 { bytes += byte == UInt8(ascii: "\"") ? [byte, byte] : [byte] }
        bytes += Array("\"".utf8)
      case .block(let block): bytes += Array("#9\(padded(block.count))".utf8) + block
      }
    }
    return bytes
  }

  private func padded(_ count: Int) -> String {
    let digits = String(count)
    return String(repeating: "0", count: 9 - digits.count) + digits
  }
}
