import Foundation
import SaltireInstruments

/// Parameters and replies of SCPI (IEEE 488.2, chapters 7 and 8).
enum SCPIValue {
  /// The number for infinity (SCPI-99, 7.2.1.4).
  static let infinity = 9.9e37

  /// The value of a setting's arguments, and the error of a number that was clipped.
  static func parse(
    _ arguments: [MessageUnit.Argument], as kind: CommandNode.Kind, clips: Bool, isSwapped: Bool,
    bound: (CommandNode.Bound) -> Double
  ) throws(SCPIFault) -> (value: SettingValue, fault: SCPIFault?) {
    if case .text = kind { return (.text(try text(arguments, isSwapped)), nil) }
    if case .list(let words, _, _) = kind { return (try list(arguments, words), nil) }
    guard let first = arguments.first else { throw .missingParameter }
    guard arguments.count == 1 else { throw .parameterNotAllowed }
    let word = try self.word(first)
    switch kind {
    case .number(let number):
      if let special = special(word, kind, bound: bound) { return (.number(special), nil) }
      let told = try self.number(word)
      if abs(told) == infinity, number.canBeInfinite { return (.number(told), nil) }
      let value = told * number.factor
      let fitting = min(
        max(value, number.minimum.map(bound) ?? -.infinity),
        number.maximum.map(bound) ?? .infinity)
      if fitting == value { return (.number(value), nil) }
      if number.isClamped { return (.number(fitting), nil) }
      guard clips else { throw .outOfRange }
      let side = fitting < value ? "maximum" : "minimum"
      return (.number(fitting), SCPIFault(-222, "Data out of range; value clipped to \(side)"))
    case .words(let words, _):
      guard let found = words.first(where: { matches(word, $0.spelling) }) else {
        throw .illegalParameter
      }
      return (.word(found.meaning), nil)
    case .list, .text: return (.text(word), nil)
    }
  }

  /// The keywords in the arguments, one in each or several in one string, in the order of `words`.
  private static func list(
    _ arguments: [MessageUnit.Argument], _ words: [CommandNode.Word]
  ) throws(SCPIFault) -> SettingValue {
    guard !arguments.isEmpty else { throw .missingParameter }
    var chosen: Set<String> = []
    for argument in arguments {
      for part in try word(argument).split(separator: ",", omittingEmptySubsequences: false) {
        let name = part.trimmingCharacters(in: .whitespaces)
        guard let word = words.first(where: { matches(name, $0.spelling) }) else {
          throw .illegalParameter
        }
        chosen.insert(word.meaning)
      }
    }
    return .list(unique(words).filter { chosen.contains($0.meaning) }.map(\.meaning))
  }

  /// The first keyword of each meaning.
  private static func unique(_ words: [CommandNode.Word]) -> [CommandNode.Word] {
    var seen: Set<String> = []
    return words.filter { seen.insert($0.meaning).inserted }
  }

  private static func word(_ argument: MessageUnit.Argument) throws(SCPIFault) -> String {
    switch argument {
    case .plain(let text), .quoted(let text): return text
    case .block: throw .dataType
    }
  }

  /// The value of MIN, MAX or DEF; nil for anything else.
  static func special(
    _ word: String, _ kind: CommandNode.Kind, bound: (CommandNode.Bound) -> Double
  ) -> Double? {
    guard case .number(let number) = kind else { return nil }
    if matches(word, "MINimum") { return number.minimum.map(bound) }
    if matches(word, "MAXimum") { return number.maximum.map(bound) }
    if matches(word, "DEFault") { return bound(number.initial) }
    return nil
  }

  /// Whether a word is the short or long form of a spelling with capitals.
  static func matches(_ word: String, _ spelling: String) -> Bool {
    let word = word.uppercased()
    return word == spelling.uppercased() || word == spelling.filter { !$0.isLowercase }
  }

  /// A decimal number with or without a unit (IEEE 488.2, 7.7.2 and 7.7.3).
  static func number(_ text: String) throws(SCPIFault) -> Double {
    if matches(text, "INFinity") { return infinity }
    if matches(text, "NINFinity") { return -infinity }
    if text.hasPrefix("#") {
      let bases: [Character: Int] = ["H": 16, "Q": 8, "B": 2]
      guard let base = text.dropFirst().first.flatMap({ bases[Character($0.uppercased())] }),
        let number = Int(text.dropFirst(2), radix: base)
      else { throw .dataType }
      return Double(number)
    }
    // The longest prefix that is a number; the rest is the unit.
    var end = text.startIndex
    var seenExponent = false
    while end < text.endIndex {
      let character = text[end]
      if character == "e" || character == "E", !seenExponent {
        let next = text[text.index(after: end)...].first
        guard let next, next.isNumber || next == "+" || next == "-" else { break }
        seenExponent = true
      } else if !character.isNumber, !"+-.".contains(character) {
        break
      }
      end = text.index(after: end)
    }
    guard let number = Double(text[..<end]), number.isFinite else { throw .dataType }
    let unit = text[end...].drop { $0 == " " }
    return unit.isEmpty ? number : number * (try factor(String(unit)))
  }

  private static func factor(_ unit: String) throws(SCPIFault) -> Double {
    let unit = unit.uppercased()
    let plain: Set<String> = ["V", "A", "S", "HZ", "OHM", "VPP", "PCT", "DEG", "VRMS"]
    if plain.contains(unit) { return 1 }
    // M is mega before HZ and OHM, otherwise milli (IEEE 488.2, table 7-1).
    let prefixes: [Character: Double] = [
      "N": 1e-9, "U": 1e-6, "M": ["MHZ", "MOHM"].contains(unit) ? 1e6 : 1e-3, "K": 1e3, "G": 1e9,
    ]
    guard let first = unit.first, let factor = prefixes[first],
      plain.contains(String(unit.dropFirst()))
    else { throw .invalidSuffix }
    return factor
  }

  /// The arguments unchanged; a block as its 16-bit numbers.
  private static func text(
    _ arguments: [MessageUnit.Argument], _ isSwapped: Bool
  ) throws(SCPIFault) -> String {
    guard !arguments.isEmpty else { throw .missingParameter }
    return arguments.map { argument in
      switch argument {
      case .plain(let text), .quoted(let text): text
      case .block(let bytes):
        stride(from: 0, to: bytes.count - 1, by: 2).map { place in
          let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
          return "\(Int16(bitPattern: isSwapped ? second << 8 | first : first << 8 | second))"
        }.joined(separator: ",")
      }
    }.joined(separator: ",")
  }

  // MARK: Replies

  static func text(
    _ value: SettingValue, _ kind: CommandNode.Kind?, _ style: Definition.Style
  ) -> String {
    switch (value, kind) {
    case (.number(let number), .number(let form)?)
    where form.isWhole && abs(number) < 1e15 && number == number.rounded():
      return "\(Int(number))"
    case (.number(let number), .number(let form)?):
      return self.number(number / form.factor, style)
    case (.number(let number), _): return self.number(number, style)
    case (.text(let text), _): return "\"\(text)\""
    case (.list(let meanings), .list(let words, _, let isQuoted)?):
      if meanings.isEmpty { return "\"\"" }
      return meanings.map { meaning in
        let name = words.first { $0.meaning == meaning }?.spelling.filter { !$0.isLowercase } ?? ""
        return isQuoted ? "\"\(name)\"" : name
      }.joined(separator: ",")
    case (.list(let meanings), _): return meanings.joined(separator: ",")
    case (.word(let meaning), .words(let words, _)?):
      // Flags are reported as numbers, keywords in their short form.
      let spellings = words.filter { $0.meaning == meaning }.map(\.spelling)
      if !style.tellsFlagsInWords {
        if spellings.contains("1") { return "1" }
        if spellings.contains("0") { return "0" }
      }
      return spellings.first?.filter { !$0.isLowercase } ?? meaning
    case (.word(let word), _): return word == "on" ? "1" : "0"
    }
  }

  static func number(_ value: Double, _ style: Definition.Style) -> String {
    if let infinity = style.infinity, abs(value) == Self.infinity {
      return value < 0 ? "-\(infinity)" : infinity
    }
    if style.isShort { return String(format: "%.\(style.decimals)g", value) }
    return String(format: "%\(style.signs ? "+" : "").\(style.decimals)E", value)
  }
}
