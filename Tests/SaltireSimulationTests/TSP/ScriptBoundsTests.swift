import SaltireInstruments
import SaltireSimulation
import Testing

/// What other people's scripts can do to a simulated instrument: nothing that ends it,
/// keeps it, or reaches what is behind its namespace.
@Suite struct ScriptBoundsTests {
  private let lab = Shelf.lab("keithley/2602b")

  /// Loops of library functions, which count no instruction.
  @Test(arguments: [
    "table.move({}, 1, math.maxinteger - 1, 2)",
    "string.find(('a'):rep(60), ('a*'):rep(30) .. 'b')",
    "string.match(('a'):rep(60), ('a-'):rep(30) .. 'b')",
    "string.gsub(('a'):rep(60), ('a?'):rep(60) .. ('a*'):rep(20) .. 'b', '')",
    "for word in string.gmatch(('a'):rep(60), ('a*'):rep(30) .. 'b') do end",
    "string.find(('('):rep(50000), ('%b()'):rep(2) .. 'x')",
    "string.find(('a'):rep(30000), ('[' .. ('b'):rep(30000) .. ']*'):rep(2) .. 'x')",
    "string.rep('', 1e18)", "string.rep('', 1e18, '')",
    "table.insert(setmetatable({}, {__len = function() return math.maxinteger - 1 end}), 1, 'x')",
    "table.remove(setmetatable({}, {__len = function() return math.maxinteger - 1 end}), 1)",
    "table.concat(setmetatable({}, {__len = function() return math.maxinteger - 1 end,"
      + " __index = function() return '' end}))",
    "table.sort(setmetatable({}, {__len = function() return 2147483646 end,"
      + " __index = function() return 0 end}))",
    "while true do select('#', table.unpack({}, 1, 900000)) end",
    "while true do pcall(string.rep, 'x', 1e8) end",
    "pcall(table.move, {}, 1, math.maxinteger - 1, 2) while true do end",
  ])
  func libraryFunctionsHaveBounds(script: String) {
    _ = lab.tell(script)
    let number = lab.ask("print(errorqueue.count)")
    #expect(script.hasPrefix("string.rep") ? number == "0.00000e+00" : number == "1.00000e+00")
    if number != "0.00000e+00" {
      #expect(lab.ask("print(errorqueue.next())").hasPrefix("-2.86000e+02\t"))
    }
    // What it has of its own is still there.
    #expect(lab.ask("print(smua.source.output, ('ab'):rep(2))") == "0.00000e+00\tabab")
    #expect(lab.tell("*IDN?").count == 1)
  }

  /// A table whose length is a script's own answer is refused: it might be another the
  /// second time.
  @Test(arguments: ["table.sort(t)", "table.concat(t)", "table.insert(t, 'x')", "table.remove(t)"])
  func aLengthOfItsOwnIsRefused(call: String) {
    _ = lab.tell("t = setmetatable({}, {__len = function() return math.maxinteger end})")
    _ = lab.tell(call)
    #expect(lab.ask("print(errorqueue.next())").contains("a table with a length of its own"))
  }

  /// What may take longer than anybody waits is refused before it begins.
  @Test func aPatternIsBoundedByItsWorstCase() {
    let text = "('a'):rep(60)"
    for pattern in ["('a*'):rep(30) .. 'b'", "'(' .. ('a-'):rep(20) .. ')b'", "('%1'):rep(9)"] {
      for call in ["find", "match", "gsub", "gmatch"] {
        _ = lab.tell("string.\(call)(\(text), \(pattern), '')")
        #expect(lab.ask("print(errorqueue.next())").contains("pattern too complex"), "\(call)")
      }
    }
    #expect(lab.ask("print(string.find('a]b%c', '[]%%]+b', 1))") == "2.00000e+00\t3.00000e+00")
    #expect(lab.ask("print((string.gsub('x = 1', '^%s*(%w+)%s*=%s*(.-)%s*$', '%2')))") == "1")
  }

  @Test func libraryFunctionsDoWhatTheyShould() {
    for (script, answer) in [
      ("string.find('hello world', 'o w')", "5.00000e+00\t7.00000e+00"),
      ("string.find('a.b', '.', 1, true)", "2.00000e+00\t2.00000e+00"),
      ("string.find('abc', 'b', -1)", "nil"),
      ("string.match('key = value', '^(%w+)%s*=%s*(%w+)$')", "key\tvalue"),
      ("string.match('f(a(b)c)d', '%b()')", "(a(b)c)"),
      ("string.match('THE (quick) fox', '%f[%a]%a+%f[%A]', 5)", "quick"),
      ("string.match('x=\"y\"', '([\"\\'])(.-)%1')", "\"\ty"),
      ("string.match('2026-11-30', '(%d+)-(%d+)-(%d+)')", "2026\t11\t30"),
      ("string.match('hello', '()ll()')", "3.00000e+00\t5.00000e+00"),
      ("string.match('aaa', 'a-b')", "nil"), ("string.match('aab', '^a-b$')", "aab"),
      ("string.match('-12', '^[+-]?%d+$')", "-12"), ("string.match('x]y', '[]]')", "]"),
      ("string.gsub('hello world', 'o', '0')", "hell0 w0rld\t2.00000e+00"),
      ("string.gsub('hello', '(l)(l)', '%2-%1%%')", "hel-l%o\t1.00000e+00"),
      ("string.gsub('abc', '', '-')", "-a-b-c-\t4.00000e+00"),
      ("string.gsub('abc', '%w', {a = 'x', b = true and 'y'})", "xyc\t3.00000e+00"),
      ("string.gsub('abc', '%w', string.upper, 2)", "ABc\t2.00000e+00"),
      ("string.gsub('abc', '()', '%1')", "1a2b3c4\t4.00000e+00"),
      ("table.concat({1, 2, 'x'}, ', ')", "1, 2, x"),
      ("table.concat({'a', 'b', 'c'}, '', 2, 3)", "bc"), ("table.concat({})", ""),
      ("table.unpack({'a', 'b', 'c'}, 2)", "b\tc"),
      ("table.concat(table.move({'a', 'b', 'c'}, 1, 3, 2))", "aabc"),
      ("table.concat(table.move({'a', 'b', 'c'}, 2, 3, 1))", "bcc"),
    ] {
      #expect(lab.ask("print(\(script))") == answer, "\(script)")
    }
    let list = "local t = {'c', 'a', 'b'}"
    #expect(lab.ask("\(list) table.sort(t) print(table.concat(t))") == "abc")
    #expect(
      lab.ask("\(list) table.sort(t, function(a, b) return a > b end) print(table.concat(t))")
        == "cba")
    #expect(
      lab.ask("\(list) table.insert(t, 1, 'x') table.insert(t, 'y') print(table.concat(t))")
        == "xcaby")
    #expect(
      lab.ask("\(list) print(table.remove(t, 1), table.remove(t), #t)") == "c\tb\t1.00000e+00")
    #expect(
      lab.ask(
        "local s = '' for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do"
          + " s = s .. k .. v end print(s)") == "a1b2")
    #expect(lab.ask("print(errorqueue.count)") == "0.00000e+00")
  }

  /// Nothing that makes the namespace can be had by a script.
  @Test func theInsideIsOutOfReach() {
    let names = lab.ask(
      "local found = '' for name in pairs(_G) do if name:find('saltire') then found = found .. name"
        + " end end print(found)")
    #expect(names == "")
    for name in [
      "debug", "package", "require", "coroutine", "io", "load", "loadstring", "loadfile", "dofile",
      "collectgarbage", "warn", "utf8", "string.dump", "string.pack",
      "getmetatable('').__index.dump",
    ] {
      #expect(lab.ask("print(\(name))") == "nil", "\(name)")
    }
  }

  /// Compiled code is run without any check.
  @Test func bytecodeIsNoScript() {
    _ = lab.answer([0x1B] + Array("LuaT\0\u{19}\n".utf8))
    #expect(lab.ask("print(errorqueue.next())").hasPrefix("-2.85000e+02\t"))
  }

  /// Every way to a number that the state machine counts with.
  @Test(arguments: ["1e300", "-1e300", "0/0", "1/0", "-1/0", "2^63", "-1", "0.5"])
  func numbersDoNotTrap(number: String) {
    for script in [
      "digio.trigger[\(number)].assert()", "format.asciiprecision = \(number) print(1)",
      "trigger.timer[1].count = \(number) trigger.timer[1].delay = \(number)",
      "smua.trigger.count = \(number) smua.trigger.source.linearv(0, 1, \(number))",
      "smua.trigger.initiate() waitcomplete()", "abort", "delay(\(number))",
      "printbuffer(\(number), \(number), smua.nvbuffer1)", "tsplink.reset(\(number))",
      "smua.measure.count = \(number)", "print(string.rep('x', \(number)))",
      "print(string.format('%d', \(number)))", "print(string.char(\(number)))",
      "print(('x'):sub(\(number), \(number)), ('x'):find('x', \(number)))",
    ] {
      _ = lab.tell(script)
    }
    #expect(lab.tell("*IDN?").count == 1)
    #expect(lab.now().isFinite)
  }

  /// What is called from outside of scripts does not depend on names that they may take.
  @Test func commandsWorkWhateverAScriptTakesForItself() {
    _ = lab.tell("smua.source.levelv = 1")
    _ = lab.tell("reset, waitcomplete, ipairs, pairs, next, error, type, rawset = nil")
    _ = lab.tell("for key in next and pairs(string) or {} do string[key] = nil end")
    _ = lab.tell("table.concat, string.match, math.floor, trigger, script, _G = nil")
    _ = lab.tell("*TRG")
    _ = lab.tell("*WAI")
    _ = lab.tell("abort")
    _ = lab.tell("*CLS")
    _ = lab.tell("*RST")
    #expect(lab.ask("print(smua.source.levelv, errorqueue.count)") == "0.00000e+00\t0.00000e+00")
    _ = lab.tell("loadandrunscript kept\nprint(1)\nendscript")
    #expect(lab.ask("kept()") == "1.00000e+00")
  }

  @Test func aScriptThatNeverEndsIsNotKept() {
    _ = lab.tell("loadscript long")
    let line = [UInt8](repeating: 32, count: 1 << 16) + [10]
    for _ in 0..<80 { _ = lab.answer(line) }
    #expect(
      lab.tell("endscript\nprint(errorqueue.next())") == [
        "-2.25000e+02\tOut of memory\t2.00000e+01\t1.00000e+00"
      ])
    #expect(lab.ask("print(long, errorqueue.count)") == "nil\t0.00000e+00")
  }

  @Test func aLineThatNeverEndsIsNoLine() {
    for _ in 0..<40 { _ = lab.answer([UInt8](repeating: 32, count: 1 << 16)) }
    // Its end is not taken for a line of its own.
    #expect(lab.ask("print('the rest')") == "")
    #expect(lab.ask("print(errorqueue.next())").hasPrefix("-3.63000e+02\t"))
  }

  @Test func answersWithoutEndAreLost() {
    #expect(lab.tell("while true do print(('x'):rep(1e6)) end").isEmpty)
    #expect(lab.ask("print(errorqueue.next())").hasPrefix("-4.30000e+02\t"))
  }

  @Test func aMessageWithoutEndIsNoMessage() {
    let lab = Shelf.lab("keithley/2400")
    let piece = [UInt8](repeating: 65, count: 1 << 16)
    for _ in 0..<70 { _ = lab.answer(piece) }
    #expect(lab.ask("*RST;*IDN?") == "")
    #expect(lab.ask("SYST:ERR?") == "-363,\"Input buffer overrun\"")
    _ = lab.answer(Array(String(repeating: "*OPC?;", count: 20_000).utf8) + [10])
    #expect(lab.ask("SYST:ERR?") == "-363,\"Input buffer overrun\"")
  }

  /// A waveform as fast as can be, for longer than can be.
  @Test func aWaitHasAnEnd() {
    let lab = Shelf.lab("keysight/33522b")
    _ = lab.ask("FUNC SQU;:FREQ 10e6;:OUTP ON")
    lab.wait(1e300)
    lab.wait(1e300)
    #expect(lab.now() == 1e8)
    #expect(lab.ask("*IDN?").contains("33522B"))
  }

  /// A level that never changes has no next edge.
  @Test func aFlatWaveformHasNoEdge() {
    let lab = Shelf.lab("keysight/33522b")
    _ = lab.ask("DATA:ARB:DAC flat,\(Array(repeating: "100", count: 8).joined(separator: ","))")
    _ = lab.ask("FUNC:ARB flat;:FUNC ARB;:OUTP ON")
    #expect(lab.ask("SYST:ERR?") == "+0,\"No error\"")
    lab.wait(1)
    #expect(lab.now() == 1)
  }

  // MARK: Clients

  @Test func clientsHaveLinesOfTheirOwn() {
    let (first, second) = (lab.connect("it"), lab.connect("it"))
    _ = first(Array("print('fi".utf8))
    #expect(second(Array("print('second')\n".utf8)) == Array("second\n".utf8))
    #expect(first(Array("rst')\n".utf8)) == Array("first\n".utf8))
  }

  /// A script goes on with the next client's lines only when its own client has left.
  @Test func aScriptBelongsToWhoLoadsIt() {
    var first: (([UInt8]) -> [UInt8]?)? = lab.connect("it")
    let second = lab.connect("it")
    _ = first?(Array("loadscript mine\nprint('mine')\n".utf8))
    #expect(second(Array("print('yours')\n".utf8)) == Array("yours\n".utf8))
    #expect(first?(Array("endscript\nmine()\n".utf8)) == Array("mine\n".utf8))
    _ = first?(Array("loadscript left\n".utf8))
    first = nil
    #expect(second(Array("print('collected')\n".utf8)) == [])
    #expect(second(Array("endscript\nleft()\n".utf8)) == Array("collected\n".utf8))
  }
}
