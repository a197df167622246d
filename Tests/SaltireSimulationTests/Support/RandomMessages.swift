import SaltireCore
import SaltireInstruments

@testable import SaltireSimulation

/// Messages as nobody would send them, from a seed.
struct RandomMessages {
  var random: RandomStream
  /// Beginnings of commands of a definition.
  private let headers: [String]

  init(seed: UInt64, _ definition: Definition? = nil) {
    random = RandomStream(seed: seed)
    headers = definition?.tree.flatMap { Notation($0.notation)?.shortForms ?? [] } ?? [":A:B"]
  }

  mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  mutating func bytes(_ longest: Int) -> [UInt8] {
    (0..<below(longest)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// A line of SCPI without its terminator: commands of the definition, their
  /// pieces, and things that no command has.
  mutating func scpi(blocks: Bool) -> [UInt8] {
    var line: [UInt8] = []
    for _ in 0..<(1 + below(4)) {
      line += Array(pick(headers).utf8)
      if below(3) == 0 { line.append(UInt8(ascii: "?")) }
      if below(4) > 0 { line.append(32) }
      for _ in 0..<below(3) {
        line += Array(
          pick([
            "1", "-2.5E-3", "ON", "OFF", "INF", "MIN", "MAX", "DEF", "1e400", "#HFF", "nan", "1 mV",
            "'a;b'", "\"a\"\"b\"", "\"", "'", "(", ")", "(1,(2),3)", ",", ";", ":", "*RST", "*CLS",
            "*OPC?", "*TRG", "*IDN?", "\u{3}", "é", "VOLT", "PULS", "BUS", "0.001", "99999999999",
          ]).utf8)
      }
      if blocks, below(6) == 0 {
        line += Array(pick(["#13a\nc", "#0x", "#204ab;\r", "#", "#1", "#3x"]).utf8)
      }
      if below(12) == 0 { line += bytes(6).filter { blocks || $0 != 35 } }
      line += Array(pick([";", ";", ";:", ",", " "]).utf8)
    }
    return line
  }

  /// A line that is Lua for a part of the way.
  mutating func lua() -> [UInt8] {
    var line = ""
    for _ in 0..<(1 + below(12)) {
      line += pick([
        "smua", "smua.source.levelv", "smua.measure.iv()", "smua.nvbuffer1", ".", "=", " = ", "(",
        ")", "{", "}", "[", "]", "1", "-1", "0/0", "1/0", "1e308", "nil", "true", "\"x\"", "'",
        "..",
        "print", "print(", "local x ", "function f() ", " end ", " if ", " then ", "return ", "do ",
        "error(", "errorqueue.next()", "reset()", "delay(", "format.asciiprecision = ", "#", "--",
        "printbuffer(1, 2, ", "setmetatable(", "pcall(", "tostring(", "*RST", "*IDN?", "abort",
        "loadandrunscript", "loadscript x", "endscript", "\u{0}", "é", "localnode.", ",", ";", "~",
        "display.", "string.find(", "table.move(", "math.huge", "smua.source.output = ", "_G = ",
      ])
    }
    return Array(line.utf8).filter { $0 != 10 } + bytes(below(8) == 0 ? 5 : 1).filter { $0 != 10 }
  }
}
