import SaltireLinks
import Testing

@testable import SaltireSimulation

@Suite struct MessageTests {
  @Test func anyBytesParse() {
    var messages = RandomMessages(seed: 21)
    for round in 0..<20_000 {
      let bytes = round.isMultiple(of: 2) ? messages.bytes(60) : messages.scpi(blocks: true)
      for unit in MessageUnit.parse(bytes) {
        guard case .success(let unit) = unit else { continue }
        #expect(!unit.header.isEmpty && !unit.header.contains("?"))
      }
      if let length = messageLength(bytes) {
        #expect((1...bytes.count).contains(length))
        #expect(bytes[length - 1] == 10 || bytes[length - 1] == 13)
        // More bytes behind a whole message change nothing about it.
        #expect(messageLength(bytes + [UInt8(ascii: "#"), 10]) == length)
      }
      if case .definite(let header, let count)? = DataBlock.Header(bytes) {
        #expect((3...11).contains(header) && (0..<1_000_000_000).contains(count))
      }
    }
  }

  /// Text that was quoted or counted comes back whole.
  @Test func whatIsQuotedOrCountedIsTakenAsItIs() {
    var messages = RandomMessages(seed: 22)
    for _ in 0..<5000 {
      let quote = messages.pick([UInt8(ascii: "\""), UInt8(ascii: "'")])
      let text = messages.bytes(20).filter { $0 != 10 && $0 != 13 && $0 < 128 }
      let block = messages.bytes(20)
      var message = Array(":DATA ".utf8) + [quote]
      for byte in text { message += byte == quote ? [byte, byte] : [byte] }
      message += [quote] + Array(",#2\(block.count < 10 ? "0" : "")\(block.count)".utf8) + block
      #expect(messageLength(message + [10]) == message.count + 1)
      let unit = MessageUnit(
        header: ":DATA", isQuery: false,
        arguments: [.quoted(String(decoding: text, as: UTF8.self)), .block(block)])
      #expect(MessageUnit.parse(message) == [.success(unit)])
    }
  }

  /// A hash sign begins a block or a number in another base, and nothing else.
  @Test(arguments: [":A #", ":A #;B", ":A #;5", ":A #3x", ":A #3,1", ":A #,1", ":A #13a"])
  func aHashSignThatBeginsNothingIsRefused(message: String) {
    #expect(MessageUnit.parse(Array(message.utf8)) == [.failure(.invalidBlock)])
  }

  /// Every legal form of a name finds its command, and nothing else does.
  @Test func aNotationStandsForItsLegalFormsOnly() {
    var messages = RandomMessages(seed: 23)
    var wrong = 0
    for _ in 0..<400 {
      let words = (0..<(1 + messages.below(4))).map { _ in Word(&messages) }
      if words.allSatisfy(\.isOptional) { continue }
      let text = Word.notation(words, leading: messages.below(2) == 0)
      guard let notation = Notation(text) else {
        Issue.record("\(text)")
        continue
      }
      let index = CommandIndex<Int>()
      index.add(notation, 1)
      let legal = Set(Word.forms(words[...]).map { $0.joined(separator: ":").uppercased() })
      for form in legal {
        #expect(index.find(form) == 1, "\(form) of \(text)")
        #expect(index.find(form.lowercased()) == 1, "\(form) of \(text)")
        let other = Word.changed(form, &messages)
        if legal.contains(other.uppercased()) || other.isEmpty { continue }
        #expect(index.find(other) == nil, "\(other) of \(text)")
        wrong += 1
      }
    }
    #expect(wrong > 2000)
  }
}

/// A word of a random notation.
private struct Word {
  var short: String
  var long: String
  var isOptional: Bool
  var takesSuffix: Bool

  init(_ messages: inout RandomMessages) {
    let letters = Array("ABCDEFGH")
    short = String((0..<(1 + messages.below(4))).map { _ in messages.pick(letters) })
    long = short + String((0..<messages.below(4)).map { _ in messages.pick(letters) })
    isOptional = messages.below(3) == 0
    takesSuffix = messages.below(4) == 0
  }

  /// As manuals print it; Keysight's put the colon behind a leading word that
  /// may be left out.
  static func notation(_ words: [Word], leading: Bool) -> String {
    words.enumerated().map { index, word in
      let tail = word.long.dropFirst(word.short.count).lowercased()
      let name = word.short + tail + (word.takesSuffix ? "[1|2]" : "")
      if index == 0, leading { return word.isOptional ? "[\(name):]" : name }
      if index == 1, leading, words[0].isOptional {
        return word.isOptional ? "[\(name)]" : name
      }
      return word.isOptional ? "[:\(name)]" : ":\(name)"
    }.joined()
  }

  static func forms(_ words: ArraySlice<Word>) -> [[String]] {
    guard let word = words.first else { return [[]] }
    let rest = forms(words.dropFirst())
    var spellings = [word.short, word.long]
    if word.takesSuffix { spellings += spellings.flatMap { [$0 + "1", $0 + "2"] } }
    return spellings.flatMap { spelling in rest.map { [spelling] + $0 } }
      + (word.isOptional ? rest : [])
  }

  /// Something near a form.
  static func changed(_ form: String, _ messages: inout RandomMessages) -> String {
    var letters = Array(form)
    let place = messages.below(letters.count)
    switch messages.below(5) {
    case 0: letters.remove(at: place)
    case 1: letters.insert("X", at: place)
    // A second digit makes another number, which is known but out of range.
    case 2: letters.append(letters.last!.isNumber ? "X" : "1")
    case 3: letters += Array(":AB")
    default: letters[place] = "Z"
    }
    return String(letters).split(separator: ":").joined(separator: ":")
  }
}
