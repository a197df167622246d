import Foundation
import SaltireCore
@testable import SaltireInstruments
import Testing

@Suite struct ExchangeFileTests {
  private func faults(_ text: String) -> [Diagnostic] {
    do throws(Diagnostics) {
      _ = try ExchangeFile(name: "a.exchanges", text: text)
      return []
    } catch {
      return error.items
    }
  }

  @Test func aFileIsConversationsOfCitedExchanges() throws {
    let file = try ExchangeFile(
      name: "a.exchanges",
      text: """
        # What it does.
        model 2400
        [2400S-900-01, 18-68]
        > :SENS:CURR:PROT:TRIP?
        < 0

        model 2636B
        [2600BS-901-01, sister: page 3: twice]
        verb level ch=smua level=1.5
        > smua.source.levelv=1.5
        > print(a, b)
        <~ 1\\t2
        < C:\\x\\
        """)
    #expect(file.conversations.map(\.model.value) == ["2400", "2636B"])
    let first = try #require(file.conversations.first?.exchanges.first)
    #expect(first.citation == .init(document: "2400S-900-01", basis: .printed, place: "18-68"))
    #expect(first.location.line == 4)
    #expect(first.replies == [.init(text: "0", isApproximate: false)])
    let second = file.conversations[1]
    #expect(second.exchanges[0].citation.basis == .sister)
    #expect(second.exchanges[0].citation.place == "page 3: twice")
    #expect(second.exchanges[0].replies.isEmpty)
    #expect(second.exchanges[1].replies.map(\.text) == ["1\t2", "C:\\x\\"])
    #expect(second.spoken.count == 1)
    #expect(second.spoken[0].verb.values == ["ch": "smua", "level": "1.5"])
    #expect(second.spoken[0].exchanges.count == 2)
  }

  @Test func everyLineThatIsWrongIsSaidWithItsPlace() {
    let faults = faults(
      """
      verb on
      [2400S-900-01, 18-68]
      > first
      model 2400 2401
      model 2400
      > uncited
      < early
      [nowhere]
      [2400S-900-01, invented: 3]
      [2400S-900-01, inferd: 3]
      [2400S-900-01, 18-68]
      verb on ch
      verb on ch=1 ch=2
      verb off ch=1
      verb level level=1
      >
      hello
      """)
    #expect(faults.map { $0.location?.line } == [1, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 16, 17, 15])
    #expect(faults.allSatisfy { $0.location?.file == "a.exchanges" })
    #expect(faults[7].hints == ["did you mean 'inferred'?"])
    #expect(faults[3].message == "this exchange has no source")
    #expect(faults[10].message == "this verb has no exchanges")
  }

  @Test func aFileWithoutExchangesIsWrong() {
    #expect(faults("").count == 1)
    #expect(faults("# only this\n").count == 1)
  }

  @Test(arguments: [
    ("0", "0", true), ("0", "+0", false), ("1", "1 ", false), ("", "", true),
    ("A,{serial},B", "A,123,B", true), ("A,{serial},B", "A,B", false),
    ("A,{serial},B", "A,,B", true), ("{a}b{c}b", "xbyb", true), ("{a}b{c}b", "b", false),
    ("{all}", "", true), ("a{b", "a{b", true), ("a}{b", "a}{b", true), ("{a}{b}c", "c", true),
  ])
  func aReplyIsExactButForItsPlacesInBraces(text: String, line: String, fits: Bool) {
    let reply = ExchangeFile.Reply(text: text, isApproximate: false)
    #expect(reply.matches(line) == fits)
  }

  @Test(arguments: [
    ("1.0005", "1", true), ("1.002", "1", false), ("0", "+0.000000E+00", true),
    ("1,2;3", "1,2.001;3", true), ("1,2", "1", false), ("1,2", "1;2", true),
    ("x,2", "x,+2.0E0", true), ("x,2", "y,2", false), ("{a},2", "word,2", true),
    ("9.9E37", "9.9E+37", true), ("1", "inf", false), ("-1", "1", false), ("nan", "nan", true),
    ("1", "nan", false),
  ])
  func numbersMayDifferALittle(text: String, line: String, fits: Bool) {
    let reply = ExchangeFile.Reply(text: text, isApproximate: true)
    #expect(reply.matches(line) == fits)
  }

  @Test func anyLinesAtAllAreReadOrRefused() throws {
    var random = RandomStream(seed: 11)
    let parts = [
      "model", "2400", " ", "[", "]", ",", "verb", "on", "ch=", "=", "> ", "<", "<~", "\\t", "\\",
      "{", "}", "#", "inferred:", ":", "é", "\u{0}", "\t", "D", "\r", "\n", "\n", "\n",
      "\n[A, b]\n",
      "\nmodel 2400\n", "\n> q\n", "\n< r\n", "\u{2028}",
    ]
    var readable = 0
    for _ in 0..<4000 {
      let text =
        "model A\n[B, c]\n> d\n<"
        + (0..<random.below(25)).map { _ in parts[random.below(parts.count)] }.joined()
      do throws(Diagnostics) {
        let file = try ExchangeFile(name: "a", text: text)
        readable += 1
        for exchange in file.conversations.flatMap(\.exchanges) {
          #expect(!exchange.citation.document.isEmpty && !exchange.citation.place.isEmpty)
          for reply in exchange.replies { _ = reply.matches(exchange.request) }
        }
      } catch {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for item in error.items {
          let place = try #require(item.location)
          #expect(lines[place.line - 1] == place.excerpt)
        }
      }
    }
    #expect(readable > 100)
  }
}

@Suite struct IdentityTests {
  @Test func anyFourFieldsAreAnIdentity() {
    var random = RandomStream(seed: 12)
    func field(_ least: Int) -> String {
      let letters = Array("abcXYZ019 ./-")
      let text = (0..<(least + random.below(8))).map { _ in letters[random.below(letters.count)] }
      return "m\(String(text))".trimmingCharacters(in: [" "])
    }
    for _ in 0..<2000 {
      let fields = (0..<4).map { _ in field(1) }
      let spaces = (0..<4).map { _ in String(repeating: " ", count: random.below(3)) }
      let reply = zip(spaces, fields).map { $0 + $1 + $0 }.joined(separator: ",") + "\r\n"
      let identity = Identity(reply: reply)
      #expect(identity?.manufacturer == fields[0], "\(reply.debugDescription)")
      #expect(identity?.model == fields[1])
      #expect(identity?.serial == fields[2])
      #expect(identity?.firmware == fields[3])
    }
  }

  @Test func anythingElseIsNone() {
    for reply in ["", ",,,", "a", "a,b", "a,b,c", ",b,c,d", "a,,c,d", "é,b,c,d", "\u{7F},b,c,d"] {
      #expect(Identity(reply: reply) == nil, "\(reply.debugDescription)")
    }
    var random = RandomStream(seed: 13)
    for _ in 0..<5000 {
      let bytes = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let reply = String(decoding: bytes, as: UTF8.self)
      if let identity = Identity(reply: reply) {
        #expect(!identity.manufacturer.isEmpty && !identity.model.isEmpty)
      }
    }
  }
}

extension RandomStream {
  fileprivate mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
