/// The text of a message from an instrument.
///
/// Only this type cleans replies. It removes only bytes that are not part of any value: a number
/// that contains a foreign byte must not become another number.
struct Reply {
  private let dialect: Definition.Dialect

  init(in dialect: Definition.Dialect) { self.dialect = dialect }

  /// The text of a message without its terminator, without leading prompts, and without blanks,
  /// NULs and other control characters around it, which some instruments and networks add. Nil if
  /// nothing is left: an empty line is not a reply.
  func text(of message: some Collection<UInt8>) -> String? {
    var text = Self.trimmed(message)
    while dialect == .tsp, let prompt = Self.prompts.first(where: { text.starts(with: $0) }) {
      text = Self.trimmed(text.dropFirst(prompt.count))
    }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }

  /// The bytes between the text and the terminator of a message.
  static func padding(of message: some Collection<UInt8>) -> [UInt8] {
    let body = Array(message.dropLast())
    return Array(body[(body.lastIndex { !isPadding($0) }.map { $0 + 1 } ?? 0)...])
  }

  static func isPadding(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }

  private static func trimmed(_ bytes: some Collection<UInt8>) -> ArraySlice<UInt8> {
    var rest = Array(bytes)[...]
    while let first = rest.first, isPadding(first) { rest = rest.dropFirst() }
    while let last = rest.last, isPadding(last) { rest = rest.dropLast() }
    return rest
  }

  /// The prompts that `localnode.prompts` makes an instrument send after each message
  /// (2600BS-901-01, "localnode.prompts").
  private static let prompts = ["TSP>", "TSP?", ">>>>"].map { Array($0.utf8) }
}
