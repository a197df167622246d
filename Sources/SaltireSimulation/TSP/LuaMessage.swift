/// Converts Lua's error messages to those of the instrument's older Lua version.
enum LuaMessage {
  /// "1: attempt to index field `x' (a nil value)" of
  /// "TSP:1: attempt to index a nil value (field 'x')".
  static func text(_ message: String) -> String {
    var place = "1"
    var rest = message[...]
    if rest.hasPrefix("TSP:"), let colon = rest.dropFirst(4).firstIndex(of: ":") {
      place = String(rest.dropFirst(4)[..<colon])
      rest = rest[rest.index(after: colon)...].drop { $0 == " " }
    }
    return "\(place): \(quoted(named(rest)))"
  }

  /// Puts the name before its type: "index field 'x' (a nil value)".
  private static func named(_ message: Substring) -> String {
    guard message.hasSuffix("')"), let open = message.lastIndex(of: "("),
      let article = [" a ", " an "].compactMap({ message[..<open].firstRange(of: $0) }).min(by: {
        $0.lowerBound < $1.lowerBound
      })
    else { return String(message) }
    let name = message[message.index(after: open)...].dropLast()
    let value = message[article.lowerBound..<open].drop { $0 == " " }.dropLast()
    return "\(message[..<article.lowerBound]) \(name) (\(value))"
  }

  /// `x' for 'x', and `<eof>' for <eof>.
  private static func quoted(_ message: String) -> String {
    var text = ""
    var isOpen = false
    for character in message {
      if character == "'" {
        text.append(isOpen ? "'" : "`")
        isOpen.toggle()
      } else {
        text.append(character)
      }
    }
    return text.hasSuffix(" near <eof>") ? text.dropLast(5) + "`<eof>'" : text
  }
}
