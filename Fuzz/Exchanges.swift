import SaltireCore
import SaltireInstruments

/// Exchange files: read, or refused with places that exist.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: bytes(start, count), as: UTF8.self)
  do throws(Diagnostics) {
    let file = try ExchangeFile(name: "fuzz", text: text)
    for conversation in file.conversations {
      precondition(conversation.spoken.allSatisfy { !$0.exchanges.isEmpty })
      for exchange in conversation.exchanges {
        precondition(!exchange.citation.document.isEmpty && !exchange.citation.place.isEmpty)
        for reply in exchange.replies {
          // Without places in braces a reply is itself.
          precondition(reply.text.contains("{") || reply.matches(reply.text))
        }
      }
    }
  } catch {
    precondition(!error.rendered.isEmpty)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for case let place? in error.items.map(\.location) {
      precondition(lines[place.line - 1] == place.excerpt)
    }
  }
  return 0
}
