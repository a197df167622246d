internal import Foundation
internal import SaltireInstruments

/// Parameters and replies of SCPI (IEEE 488.2, chapters 7 and 8).
enum SCPIValue {
  /// What the arguments of a setting say.
  static func parse(
    _ arguments: [MessageUnit.Argument], as kind: CommandNode.Kind,
    bound: (CommandNode.Bound) -> Double
  ) throws(SCPIFault) -> SettingValue {
    if case .text = kind { return .text(try text(arguments)) }
    guard let first = arguments.first else { throw .missingParameter }
    guard arguments.count == 1 else { throw .parameterNotAllowed }
    let word: String
    switch first {
    case .plain(let plain): word = plain
    case .quoted(let quoted): word = quoted
    case .block: throw .dataType
    }
    switch kind {
    case .number(let minimum, let maximum, _):
      if let special = special(word, kind, bound: bound) { return .number(special) }
      let number = try number(word)
      guard number >= minimum.map(bound) ?? -.infinity, number <= maximum.map(bound) ?? .infinity
      else { throw .outOfRange }
      return .number(number)
    case .words(let words, _):
      guard let found = words.first(where: { matches(word, $0.spelling) }) else {
        throw .illegalParameter
      }
      return .word(found.meaning)
    case .text: return .text(word)
    }
  }

  /// The value of MIN, MAX or DEF; nil for anything else.
  static func special(
    _ word: String, _ kind: CommandNode.Kind, bound: (CommandNode.Bound) -> Double
  ) -> Double? {
    guard case .number(let minimum, let maximum, let initial) = kind else { return nil }
    if matches(word, "MINimum") { return minimum.map(bound) }
    if matches(word, "MAXimum") { return maximum.map(bound) }
    if matches(word, "DEFault") { return bound(initial) }
    return nil
  }

  /// Whether a word is the short or long form of a spelling with capitals.
  static func matches(_ word: String, _ spelling: String) -> Bool {
    let word = word.uppercased()
    return word == spelling.uppercased() || word == spelling.filter { !$0.isLowercase }
  }

  /// A decimal number with or without a unit (IEEE 488.2, 7.7.2 and 7.7.3).
  static func number(_ text: String) throws(SCPIFault) -> Double {
    if matches(text, "INFinity") { return 9.9e37 }
    if matches(text, "NINFinity") { return -9.9e37 }
    if text.hasPrefix("#") {
      let bases: [Character: Int] = ["H": 16, "Q": 8, "B": 2]
      guard let base = text.dropFirst().first.flatMap({ bases[Character($0.uppercased())] }),
        let number = Int(text.dropFirst(2), radix: base)
      else { throw .dataType }
      return Double(number)
    }
    // The longest beginning that is a number; the rest is the unit.
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
    // M is mega before HZ and OHM, milli elsewhere (IEEE 488.2, table 7-1).
    let prefixes: [Character: Double] = [
      "N": 1e-9, "U": 1e-6, "M": ["MHZ", "MOHM"].contains(unit) ? 1e6 : 1e-3, "K": 1e3, "G": 1e9,
    ]
    guard let first = unit.first, let factor = prefixes[first],
      plain.contains(String(unit.dropFirst()))
    else { throw .invalidSuffix }
    return factor
  }

  private static func text(_ arguments: [MessageUnit.Argument]) throws(SCPIFault) -> String {
    guard !arguments.isEmpty else { throw .missingParameter }
    return arguments.map { argument in
      switch argument {
      case .plain(let text), .quoted(let text): text
      case .block(let bytes): "#\(bytes.count)"
      }
    }.joined(separator: ",")
  }

  // MARK: Replies

  static func text(_ value: SettingValue, _ kind: CommandNode.Kind?, decimals: Int) -> String {
    switch value {
    case .number(let number): return self.number(number, decimals: decimals)
    case .text(let text): return "\"\(text)\""
    case .word(let meaning):
      guard case .words(let words, _)? = kind else { return meaning }
      // Flags are told as numbers, words in their short form.
      let spellings = words.filter { $0.meaning == meaning }.map(\.spelling)
      if spellings.contains("1") { return "1" }
      if spellings.contains("0") { return "0" }
      return spellings.first?.filter { !$0.isLowercase } ?? meaning
    }
  }

  static func number(_ value: Double, decimals: Int) -> String {
    String(format: "%+.\(decimals)E", value)
  }
}
