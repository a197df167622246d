import SaltireInstruments
import SaltireSimulation
import Testing

/// Instruments that are sent what no driver sends.
@Suite struct GarbageTests {
  private static let scpi = ["keithley/2400", "keysight/33522b"]

  @Test(arguments: scpi)
  func messagesInPiecesAreTheSameMessages(name: String) throws {
    let (definition, _) = try #require(Shelf.library.find(name))
    var messages = RandomMessages(seed: 31, definition)
    var answered = 0
    for _ in 0..<300 {
      var bytes: [UInt8] = []
      for _ in 0..<(1 + messages.below(12)) {
        bytes += messages.scpi(blocks: true)
        bytes += messages.pick([[10], [13], [13, 10], [10, 10]])
      }
      let whole = Shelf.lab(name).answer(bytes)
      let lab = Shelf.lab(name)
      var pieces: [UInt8] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(1 + messages.below(messages.pick([2, 9, 40])))
        pieces += lab.answer(Array(piece))
        rest = rest.dropFirst(piece.count)
      }
      #expect(whole == pieces, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      answered += whole.isEmpty ? 0 : 1
    }
    #expect(answered > 100)
  }

  @Test(arguments: scpi)
  func anInstrumentStillSaysWhoItIs(name: String) throws {
    let (definition, model) = try #require(Shelf.library.find(name))
    var messages = RandomMessages(seed: 32, definition)
    let lab = Shelf.lab(name)
    for _ in 0..<6000 {
      // Blocks may rightly take the next lines for their content.
      let line = messages.scpi(blocks: false).filter { $0 != UInt8(ascii: "#") }
      _ = lab.answer(line + [10])
      let identity = lab.tell("*IDN?").first.flatMap { Identity(reply: $0) }
      #expect(
        identity.flatMap { definition.model(of: $0) }?.name == model.name,
        "\(String(decoding: line, as: UTF8.self).debugDescription)")
    }
    // Everything that is set is still told.
    #expect(lab.tell("*RST;*CLS;:SYST:ERR?") == [definition.style.noError])
  }

  @Test func aScriptedInstrumentStillSaysWhoItIs() throws {
    var messages = RandomMessages(seed: 33)
    var lab = Shelf.lab("keithley/2602b")
    for round in 0..<6000 {
      // What a script breaks in its own namespace stays broken.
      if round.isMultiple(of: 50) { lab = Shelf.lab("keithley/2602b") }
      let line = messages.lua()
      _ = lab.answer(line + [10])
      // It may have begun to load a script.
      _ = lab.tell("endscript")
      let identity = lab.tell("*IDN?").last.flatMap { Identity(reply: $0) }
      #expect(
        identity?.model == "Model 2602B",
        "\(String(decoding: line, as: UTF8.self).debugDescription)")
    }
  }

  @Test func aScriptInPiecesIsTheSameScript() throws {
    var messages = RandomMessages(seed: 34)
    for _ in 0..<200 {
      var bytes: [UInt8] = []
      for _ in 0..<(1 + messages.below(10)) { bytes += messages.lua() + [10] }
      let whole = Shelf.lab("keithley/2602b").answer(bytes)
      let lab = Shelf.lab("keithley/2602b")
      var pieces: [UInt8] = []
      for byte in bytes { pieces += lab.answer([byte]) }
      // Addresses of tables differ from one interpreter to the next.
      #expect(Self.withoutAddresses(whole) == Self.withoutAddresses(pieces))
    }
  }

  private static func withoutAddresses(_ bytes: [UInt8]) -> [Substring] {
    String(decoding: bytes, as: UTF8.self).split { "\t\n ".contains($0) }.filter {
      !$0.hasPrefix("0x") && !$0.contains("0x")
    }
  }

  @Test(arguments: [
    "format.asciiprecision = 0/0 print(1)", "format.asciiprecision = 1/0 print(1)",
    "smua.source.levelv = 0/0 smua.source.output = 1 print(smua.measure.v())",
    "delay(0/0) delay(1/0) delay(-1) print(1)", "smua.measure.nplc = 0/0 print(smua.measure.i())",
    "localnode.linefreq = 0/0 print(1)", "printbuffer(0/0, 1/0, smua.nvbuffer1) print(1)",
    "printbuffer(1, 1e300, {1}) print(1)",
  ])
  func numbersThatAreNoneAreRefused(script: String) {
    let lab = Shelf.lab("keithley/2602b")
    _ = lab.tell(script)
    #expect(lab.tell("*IDN?").count == 1)
    #expect(lab.now().isFinite)
  }

  /// Nothing that a script does ends or stops the process.
  @Test(arguments: [
    "while true do end", "while true do pcall(function() while true do end end) end",
    "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end", "('x'):rep(1e10)",
    "while true do print(('x'):rep(1e6)) end", "local function f() return f() + 1 end f()",
    "setmetatable({}, {__gc = function() while true do end end})", "error({})", "error()",
    "print = nil tostring = nil error = nil pcall = nil table = nil", "_G = nil smua = nil",
    "smua.measure.count = 1e300 smua.source.output = 1 smua.measure.v()",
    "printbuffer(1, 1e9, {n = 1e9})", "for i = 1, 1e5 do errorqueue.next(1, 2, 3) nosuch() end",
  ])
  func aScriptHasBounds(script: String) {
    let lab = Shelf.lab("keithley/2602b")
    _ = lab.receive(Array("\(script)\n".utf8), at: "it")
    #expect(lab.tell("*IDN?").count == 1)
    #expect(lab.tell("*RST").isEmpty)
  }
}
